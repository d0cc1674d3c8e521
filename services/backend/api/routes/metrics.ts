import { answerScrape } from '#kit/telemetry/metrics/answer-scrape.ts';
import type { Scrape } from '#kit/telemetry/telemetry.ts';
import type { Api } from '../api-instance.ts';

/** /metrics on the API port too, where users of a local run look for it. Probes and Prometheus use the metrics port. */
export function addMetricsRoute(app: Api, scrape: Scrape): void {
  app.get('/metrics', { schema: { hide: true }, config: { rateLimit: false } }, async (request, reply) => {
    const { headers, body } = await answerScrape(scrape, request.headers);
    return reply.headers(headers).send(body);
  });
}
