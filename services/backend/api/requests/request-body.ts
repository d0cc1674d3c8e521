import type { FastifyRequest } from 'fastify';
import { ApiProblem } from '../errors/api-problem.ts';
import type { Api } from '../resource.ts';
import { isRecord } from './field-errors.ts';

/** Most levels of objects and arrays in a body. The deepest body of the API has four. */
const MAX_LEVELS = 20;
const TOO_DEEP = `The body has more than ${MAX_LEVELS} levels of objects and arrays.`;

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
      parseJson(request, body, (error, value) => {
        if (error) return done(explain(error, body));
        // Code that walks through a value calls itself for each level, and would overflow the stack.
        if (nestsDeeper(value, MAX_LEVELS)) return done(new ApiProblem('malformed-request', TOO_DEEP));
        return done(null, value);
      });
    },
  );
}

/** Returns whether a JSON value has more than `levels` levels of objects and arrays. */
function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeper(inner, levels - 1));
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
