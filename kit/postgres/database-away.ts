/**
 * SQLSTATE codes of errors that the query did not cause: the server is unreachable, starting, stopping or out of
 * connections, or the database is not created (3D000) or not migrated (42P01) yet.
 */
const AWAY_STATES = /^(08...|57P0[1-5]|53300|53400|25006|3D000|42P01)$/;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Messages of connection errors to which the library pg gives no code. */
const AWAY_MESSAGES = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired/,
  /^Client has encountered a connection error/,
];

/** Returns whether an error means that Postgres cannot be used at present, so that the same work may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (AWAY_STATES.test(code) || AWAY_CODES.has(code))) return true;
  return AWAY_MESSAGES.some((message) => message.test(error.message)) || isDatabaseAway(error.cause);
}
