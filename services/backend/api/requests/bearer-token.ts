import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProblem } from '../errors/api-problem.ts';

/**
 * Returns a hook that accepts only requests with this bearer token. If `token` is undefined, the hook refuses every
 * request.
 * @throws ApiProblem `token-refused` or `declarations-off`
 */
export function createTokenCheck(token: string | undefined) {
  return async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (token === undefined) throw new ApiProblem('declarations-off', 'PIPELINES_API_TOKEN is not set in the backend.');
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
    : 'The bearer token is not the PIPELINES_API_TOKEN of the backend.';
}

/**
 * Hashes a token to a fixed length, which timingSafeEqual requires. timingSafeEqual compares in constant time, so the
 * time reveals nothing about the token.
 */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
