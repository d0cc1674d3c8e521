/**
 * Classes and codes of Postgres that occur again whenever the same data is stored: 22 data exception, 54 program limit
 * exceeded (a text too large for an index, JSON nested too deeply), 23502 and 23514 a null or a value that the table
 * refuses. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const LASTING = /^(22\w{3}|54\w{3}|23502|23514)$/;

/** Returns the message of a Postgres error that the data causes, or undefined for an error after which a retry helps. */
export function dataError(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' && LASTING.test(code) ? String(message) : undefined;
}
