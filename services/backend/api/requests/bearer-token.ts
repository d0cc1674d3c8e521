import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem } from '../errors/api-problem.ts';

/**
 * Makes the check of a route's callers. How long it takes tells nothing of the token.
 * @throws ApiProblem for a caller without the token, and for all when there is none
 */
export function createTokenCheck(token: string | undefined) {
  return async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (token === undefined) throw new ApiProblem('declarations-off', 'PIPELINES_API_TOKEN of the backend is not set.');
    const problem = findTokenProblem(headers.authorization, token);
    if (problem === undefined) return;
    reply.header('www-authenticate', 'Bearer');
    throw new ApiProblem('token-refused', problem);
  };
}

function findTokenProblem(authorization: string | undefined, token: string): string | undefined {
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (given === undefined) return 'The request has no bearer token.';
  return timingSafeEqual(digest(given), digest(token))
    ? undefined
    : 'The bearer token is not the one that the backend knows.';
}

/** Of one length, whatever the text's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
