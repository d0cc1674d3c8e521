import { EXPOSITION_CONTENT_TYPE } from '#kit/telemetry/exposition.ts';
import type { Api } from '../api.ts';

/** /metrics on the API port too, where users of a local run look for it. Probes and Prometheus use the metrics port. */
export function addMetricsRoute(app: Api, scrape: () => Promise<string>): void {
  app.get('/metrics', { schema: { hide: true }, config: { rateLimit: false } }, async (_request, reply) =>
    reply.header('content-type', EXPOSITION_CONTENT_TYPE).send(await scrape()),
  );
}
