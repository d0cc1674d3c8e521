import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseAway } from '#kit/postgres/database-away.ts';
import type { AllowedMethods } from '../requests/allowed-methods.ts';
import { routeOf } from '../requests/measure-requests.ts';
import type { Api } from '../resource.ts';
import { ApiProblem, buildProblemBody } from './api-problem.ts';
import { problemDefinition } from './problems.ts';

/** Makes the server send a response of the type application/problem+json for every error. */
export function handleErrors(app: Api, allowedMethods: AllowedMethods): void {
  app.setErrorHandler((error, request, reply) => answerProblem(classifyError(error), request, reply));
  // The cast is needed because the types of the rate limiter accept only a server with fastify's own logger.
  app.setNotFoundHandler({ preHandler: app.rateLimit() as never }, (request, reply) => {
    const [path = ''] = request.url.split('?');
    const allowed = allowedMethods(path);
    if (allowed.length === 0) {
      return answerProblem(
        new ApiProblem('route-not-found', `There is no route ${request.method} ${path}.`),
        request,
        reply,
      );
    }
    const detail = `${path} has no method ${request.method}, only ${allowed.join(', ')}.`;
    return answerProblem(
      new ApiProblem('method-not-allowed', detail),
      request,
      reply.header('allow', allowed.join(', ')),
    );
  });
}

/** Sends a problem as the response. Logs server errors (5xx) with their cause. */
export function answerProblem(problem: ApiProblem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, retryAfter } = problemDefinition(problem.problem);
  if (status >= 500) {
    request.log.error(
      { error: problem.cause ?? problem, problem: problem.problem, route: routeOf(request) },
      'request failed',
    );
  }
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  const body = buildProblemBody(problem, request.url, request.id);
  // Serialize the body here. Fastify's serializers could fail on the body, and the client would then get their error
  // instead of this problem.
  return reply.code(status).type('application/problem+json').send(JSON.stringify(body));
}

/** Functions that turn fastify's own errors into problems, keyed by the error's code. They take the error's message. */
const byFastifyCode: Readonly<Record<string, (message: string) => ApiProblem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (message) => new ApiProblem('payload-too-large', message),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (message) => new ApiProblem('unsupported-media-type', message),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (message) => new ApiProblem('malformed-request', message),
};

/**
 * Returns the problem to send for an error. The message of an unexpected error may contain secrets, so it is only kept
 * as the cause, for the log, and not sent to the client.
 */
export function classifyError(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  const known = code === undefined ? undefined : byFastifyCode[code];
  if (known) return known(message ?? '');
  if (statusCode === 429) return new ApiProblem('too-many-requests', message ?? '');
  // An error of the client comes first: if the client breaks the connection off, its code is the same as that of a database
  // that is away.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiProblem('malformed-request', message ?? STATUS_CODES[statusCode] ?? '');
  }
  if (isDatabaseAway(error))
    return new ApiProblem('database-unavailable', 'The database does not answer.', { cause: error });
  return new ApiProblem('internal-error', 'An unexpected error; the log has its cause.', { cause: error });
}
