import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrometheusClient } from '#controller/prometheus/prometheus-client.ts';
import { readRulesVersion } from '#controller/prometheus/read-answers.ts';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';
import { until } from './operator-under-test.ts';

const WITHIN_MS = 30_000;
/** Some evaluations, scrapes and failures more. */
const SOME_MS = 4_000;

/** Nothing is loaded meanwhile: what the rules find is what changes. */
describe('the version of the rules, of a Prometheus that scrapes itself', () => {
  let prometheus: TestPrometheus;
  let client: PrometheusClient;
  const folder = mkdtempSync(join(tmpdir(), 'trading-platform-targets-'));
  const targets = join(folder, 'targets.json');
  /** One `up` divides itself; of two, nobody can say which. */
  const half = { name: 'half', rules: [{ record: 'up:share', expr: 'up / on () up' }] };
  const sound = { name: 'sound', rules: [{ record: 'up:all', expr: 'sum(up)' }] };

  beforeAll(async () => {
    prometheus = await preparePrometheus();
    await prometheus.start();
    client = new PrometheusClient(prometheus.url, { timeoutMs: 2_000 });
    writeFileSync(targets, '[]');
    const self = { job_name: 'prometheus', static_configs: [{ targets: [new URL(prometheus.url).host] }] };
    const more = { job_name: 'more', file_sd_configs: [{ files: [targets], refresh_interval: '1s' }] };
    await prometheus.configure({ scrapeConfigs: [self, more], ruleGroups: [half, sound] });
    const isWell = async () => (await client.query('up:share')).length === 1;
    await until(WITHIN_MS, 'the rule works', isWell);
  });
  afterAll(async () => {
    client?.close();
    await prometheus?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is another one when a rule begins to fail, and not at each failure after it', async () => {
    const before = await readRulesVersion(client);
    await sleep(SOME_MS);
    expect(await readRulesVersion(client)).toBe(before);

    writeFileSync(targets, JSON.stringify([{ targets: ['127.0.0.1:1'] }]));
    await until(WITHIN_MS, 'it is another one', async () => (await readRulesVersion(client)) !== before);
    const failing = await readRulesVersion(client);
    expect(failing).toMatch(/;half$/);
    await sleep(SOME_MS);
    expect(await readRulesVersion(client)).toBe(failing);
  });
});
