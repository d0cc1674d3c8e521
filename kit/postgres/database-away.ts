/**
 * SQLSTATE classes and codes of a server that is away, starting, stopping or full, or of a database that nobody has made or
 * migrated yet (3D000, 42P01): nothing is wrong with the query.
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
/** pg has no codes for these. */
const AWAY_MESSAGES = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect/,
  /^timeout expired/,
  /^Client has encountered a connection error/,
];

/** Whether an error says that Postgres cannot be reached, so that the same work succeeds once it can. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (AWAY_STATES.test(code) || AWAY_CODES.has(code))) return true;
  return AWAY_MESSAGES.some((message) => message.test(error.message)) || isDatabaseAway(error.cause);
}
