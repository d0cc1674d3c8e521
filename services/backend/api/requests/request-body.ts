import type { FastifyRequest } from 'fastify';
import { ApiProblem } from '../errors/api-problem.ts';
import type { Api } from '../resource.ts';
import { isRecord } from './field-errors.ts';

const bodyBytes = new WeakMap<FastifyRequest, number>();

/** Returns the number of bytes of the received body, without chunked encoding; 0 before the body is parsed. */
export function requestBodyBytes(request: FastifyRequest): number {
  return bodyBytes.get(request) ?? 0;
}

/**
 * Makes the server accept only JSON bodies. Parses them with fastify's own parser, which refuses the key `__proto__`.
 */
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

/**
 * Parses the body again, because the error of JSON.parse names the position of the syntax error and fastify's error
 * does not.
 */
function explain(error: Error, body: string): ApiProblem {
  try {
    JSON.parse(body);
    return new ApiProblem('malformed-json', error.message);
  } catch (reason) {
    return new ApiProblem('malformed-json', (reason as Error).message);
  }
}

/**
 * Applies a JSON merge patch (RFC 7396) and returns the result. Objects are merged field by field, null removes a
 * field, and any other value, including an array, replaces the old value.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}
