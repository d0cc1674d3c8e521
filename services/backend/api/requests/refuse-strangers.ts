import type { FastifyRequest } from 'fastify';
import type { ProcessConfig } from '#kit/config.ts';
import { createHostCheck } from '#kit/http/host-check.ts';
import type { BackendConfig } from '../../config.ts';
import { ApiProblem } from '../errors/api-problem.ts';
import type { Api } from '../resource.ts';
import { asksForUpgrade } from './measure-requests.ts';

type StrangerConfig = Pick<BackendConfig, 'API_ALLOWED_ORIGINS'> & Pick<ProcessConfig, 'HTTP_ALLOWED_HOSTS'>;

/** Methods that change nothing. A page of another origin cannot read their answers, because the API sends no CORS headers. */
const readingMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what a web page of another site could make the browser of a user send to the API: any request to a host name
 * that the page has pointed here, and changes and WebSockets that name a foreign origin. Clients that are no browsers send
 * no header Origin.
 */
export function refuseStrangers(app: Api, config: StrangerConfig): void {
  const answersTo = createHostCheck(config.HTTP_ALLOWED_HOSTS);
  app.addHook('onRequest', async (request) => {
    checkHost(request, answersTo);
    if (!readingMethods.includes(request.method) || asksForUpgrade(request)) checkOrigin(request, config);
  });
}

/** @throws ApiProblem `host-not-allowed`, or `malformed-request` if the header is missing */
function checkHost({ headers: { host }, raw }: FastifyRequest, answersTo: (host: string | undefined) => boolean): void {
  if (host === undefined && raw.httpVersion !== '1.0')
    throw new ApiProblem('malformed-request', 'The header Host is missing.');
  if (!answersTo(host)) throw new ApiProblem('host-not-allowed', `The API does not answer to the host name "${host}".`);
}

/** @throws ApiProblem `origin-not-allowed` if the request comes from a page of another origin that is not allowed */
export function checkOrigin({ headers: { origin }, host }: FastifyRequest, config: StrangerConfig): void {
  if (origin === undefined || config.API_ALLOWED_ORIGINS.includes(origin) || URL.parse(origin)?.host === host) return;
  throw new ApiProblem(
    'origin-not-allowed',
    `Pages of the origin ${origin} may not change anything or open the stream.`,
  );
}
