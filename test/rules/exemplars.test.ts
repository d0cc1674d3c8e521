import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bucketRates, quantile } from '#dashboards/queries/expression.ts';
import { openVariables } from '#dashboards/variables.ts';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';

/** A scrape with an exemplar, as a worker that sends traces would write it. */
const scrape = `# TYPE pipeline_execution_duration_seconds histogram
pipeline_execution_duration_seconds_bucket{status="success",pipeline_id="desk.trend",le="+Inf"} 1 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 7.5
pipeline_execution_duration_seconds_sum{status="success",pipeline_id="desk.trend"} 7.5
pipeline_execution_duration_seconds_count{status="success",pipeline_id="desk.trend"} 1
# EOF
`;
const worker = createServer((_, response) =>
  response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8').end(scrape),
);
let prometheus: TestPrometheus;

beforeAll(async () => {
  await new Promise<void>((listening) => worker.listen(0, '127.0.0.1', listening));
  prometheus = await preparePrometheus(['--enable-feature=exemplar-storage']);
  const targets = [`127.0.0.1:${(worker.address() as AddressInfo).port}`];
  const labels = { namespace: 'desk' };
  await prometheus.configure({
    scrapeConfigs: [{ job_name: 'celery-worker', static_configs: [{ targets, labels }] }],
    ruleGroups: [],
  });
  await prometheus.start();
}, 120_000);
afterAll(async () => {
  await prometheus.stop();
  worker.close();
});

it.each([
  ['a quantile', quantile(0.95, 'pipeline_execution_duration_seconds')],
  ['a heatmap', bucketRates('pipeline_execution_duration_seconds')],
])('%s of what is recorded each minute has the exemplars of the buckets', async (_what, { promql }) => {
  const body = () =>
    new URLSearchParams({
      query: openVariables(promql),
      start: String(Date.now() / 1_000 - 300),
      end: String(Date.now() / 1_000 + 1),
    });
  const traces = async () => {
    const response = await fetch(`${prometheus.url}/api/v1/query_exemplars`, { method: 'POST', body: body() });
    const { data } = (await response.json()) as { data: { exemplars: { labels: { trace_id: string } }[] }[] };
    return data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
  };
  await expect.poll(traces).toEqual(['4bf92f3577b34da6a3ce929d0e0e4736']);
});
