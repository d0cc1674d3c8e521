import type { FastifyRequest } from 'fastify';
import type { Api } from '../api-instance.ts';
import { ApiProblem } from '../errors/api-problem.ts';

const bodyBytes = new WeakMap<FastifyRequest, number>();

/** Bytes of the body as they came, decoded from chunks. */
export function requestBodyBytes(request: FastifyRequest): number {
  return bodyBytes.get(request) ?? 0;
}

/** Takes JSON only, with fastify's own parser, which refuses `__proto__`. */
export function parseBodies(app: Api): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    (request, body, done) => {
      bodyBytes.set(request, Buffer.byteLength(body));
      if (body === '') return done(null, undefined);
      parseJson(request, body, (error, value) => (error ? done(explain(error, body)) : done(null, value)));
    },
  );
}

/** Fastify says only that it is wrong; the engine says where. */
function explain(error: Error, body: string): ApiProblem {
  try {
    JSON.parse(body);
    return new ApiProblem('malformed-json', error.message);
  } catch (reason) {
    return new ApiProblem('malformed-json', (reason as Error).message);
  }
}
