import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api-instance.ts';
import { routeOf } from '../requests/measure-requests.ts';
import { ApiProblem, buildProblemBody } from './api-problem.ts';
import { classifyError } from './classify-error.ts';
import { problemDefinition } from './problems.ts';

/** Every error is answered as application/problem+json; those by our fault are logged with their reason. */
export function handleErrors(app: Api): void {
  app.setErrorHandler((error, request, reply) => answerProblem(classifyError(error), request, reply));
  // The plugin's types know fastify's own logger only.
  app.setNotFoundHandler({ preHandler: app.rateLimit() as never }, (request, reply) => {
    const detail = `There is no route ${request.method} ${request.url.split('?')[0]}.`;
    return answerProblem(new ApiProblem('route-not-found', detail), request, reply);
  });
}

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
  // As a string: an answer about an error must not itself fail in a serializer.
  return reply.code(status).type('application/problem+json').send(JSON.stringify(body));
}
