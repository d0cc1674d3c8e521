import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceNames } from '#catalogue/services.ts';
import { type OpsServer, startOpsServer } from '#kit/ops-server.ts';
import { startTelemetry, type Telemetry } from '#kit/telemetry/telemetry.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import { eventually } from '../support/eventually.ts';
import { promtoolPath } from '../support/provision-for-tests.ts';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';

/** Checks the text of a scrape with a real Prometheus and with promtool. */
const labels = { agent: 'strategy', status: 'success' } as const;
const series = 'agent_execution_duration_seconds_bucket{agent="strategy",status="success",le="0.25"}';
let prometheus: TestPrometheus;
let worker: Telemetry<'celery-worker'>;
let ops: OpsServer;
const traceIds: string[] = [];

beforeAll(async () => {
  // A process that sends traces sets this filter.
  worker = startTelemetry('celery-worker', { OTEL_METRICS_EXEMPLAR_FILTER: 'trace_based' });
  ops = await startOpsServer({ host: '127.0.0.1', port: 0, scrape: worker.scrape });
  prometheus = await preparePrometheus(['--enable-feature=exemplar-storage']);
  const targets = [`127.0.0.1:${ops.port}`];
  const scrapeConfigs = [{ job_name: 'celery-worker', static_configs: [{ targets }] }];
  await prometheus.configure({ scrapeConfigs, ruleGroups: [] });
  await prometheus.start();
});
afterAll(async () => {
  await Promise.all([prometheus?.stop(), ops?.stop(), worker?.shutdown()]);
});

async function ask(path: string, query: string) {
  const times = `start=${Date.now() / 1_000 - 60}&end=${Date.now() / 1_000 + 60}`;
  const response = await fetch(`${prometheus.url}/api/v1/${path}?query=${encodeURIComponent(query)}&${times}`);
  const { data } = (await response.json()) as { data: unknown };
  return data;
}

describe('a scrape by Prometheus', () => {
  it('stores values and the exemplar of an observation', async () => {
    await withSpan('decide', {}, (span) => {
      worker.instruments.histogram('agent_execution_duration_seconds').record(0.2, labels);
      traceIds.push(span.spanContext().traceId);
    });
    await eventually(async () => {
      expect(await ask('query', series)).toMatchObject({ result: [{ value: [expect.any(Number), '1'] }] });
      const [found] = (await ask('query_exemplars', series)) as { exemplars: { labels: object; value: string }[] }[];
      expect(found?.exemplars).toEqual([
        expect.objectContaining({ labels: expect.objectContaining({ trace_id: traceIds[0] }), value: '0.2' }),
      ]);
    }, 30_000);
  });

  it('stores the duration and the size of scrapes', async () => {
    await eventually(async () => {
      expect(await ask('query', 'telemetry_scrape_size_bytes > 10000')).toMatchObject({ result: [{}] });
      expect(await ask('query', 'telemetry_scrape_duration_seconds > 0')).toMatchObject({ result: [{}] });
    });
  });
});

/** promtool complains about this gauge because its name ends in _total. The gauge had this name before this project. */
const NAMED_BEFORE_US = 'trading_bots_active_total';

describe.each(serviceNames)('promtool on the text of %s', (name) => {
  it('has no complaints', async () => {
    const telemetry = startTelemetry(name, {});
    const { body } = await telemetry.scrape();
    await telemetry.shutdown();
    const { stdout, stderr } = spawnSync(await promtoolPath(), ['check', 'metrics'], { input: body, encoding: 'utf8' });
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line && !line.startsWith(NAMED_BEFORE_US));
    expect(complaints).toEqual([]);
  });
});
