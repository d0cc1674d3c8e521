import { STATUS_CODES } from 'node:http';
import { isDatabaseAway } from '#kit/postgres/database-away.ts';
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
