import { STATUS_CODES } from 'node:http';
import { ApiProblem } from './api-problem.ts';

/** Fastify's own errors, by their code. */
const byFastifyCode: Readonly<Record<string, (message: string) => ApiProblem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (message) => new ApiProblem('payload-too-large', message),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (message) => new ApiProblem('unsupported-media-type', message),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (message) => new ApiProblem('malformed-request', message),
};

/** Says which answer an error gets. What nobody foresaw is an internal error, whose detail stays in the log. */
export function classifyError(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (isDatabaseAway(error))
    return new ApiProblem('database-unavailable', 'The database does not answer.', { cause: error });
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  const known = code === undefined ? undefined : byFastifyCode[code];
  if (known) return known(message ?? '');
  if (statusCode === 429) return new ApiProblem('too-many-requests', message ?? '');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiProblem('malformed-request', message ?? STATUS_CODES[statusCode] ?? '');
  }
  return new ApiProblem('internal-error', 'An error that nobody foresaw; it is in the log.', { cause: error });
}

const AWAY_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH'],
  // Shutting down, starting up, too many connections.
  ...['57P01', '57P02', '57P03', '53300'],
  // No such database or table: nobody has migrated it yet.
  ...['3D000', '42P01'],
]);
const AWAY_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** Whether an error of the Postgres client says that the server is not there, rather than that the query is wrong. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: string }).code ?? '';
  if (AWAY_CODES.has(code) || code.startsWith('08') || AWAY_MESSAGES.test(error.message)) return true;
  return isDatabaseAway(error.cause);
}
