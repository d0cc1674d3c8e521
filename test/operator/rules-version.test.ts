import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrometheusClient } from '#controller/prometheus/prometheus-client.ts';
import { readRulesVersion } from '#controller/prometheus/read-answers.ts';
import { until } from '../support/eventually.ts';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';

const WITHIN_MS = 30_000;

/** Prometheus loads the rules once. A change of the targets then makes one rule fail. */
describe('readRulesVersion, of a Prometheus that scrapes itself', () => {
  let prometheus: TestPrometheus;
  let client: PrometheusClient;
  const folder = mkdtempSync(join(tmpdir(), 'trading-platform-targets-'));
  const targets = join(folder, 'targets.json');
  /** A rule that succeeds while there is one `up` series. With two, the match is many-to-many, so the rule fails. */
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

  /** Waits until Prometheus has evaluated the rules this many more times, according to its own metrics, which it scrapes. */
  const untilEvaluated = async (times: number) => {
    const count = async () => {
      const [sample] = await client.query('max(prometheus_rule_group_iterations_total)');
      return Number(sample?.value[1] ?? 0);
    };
    const before = await count();
    await until(WITHIN_MS, 'the rules are evaluated', async () => (await count()) >= before + times);
  };

  it('changes when a rule begins to fail, and not with each later failure', async () => {
    const before = await readRulesVersion(client);
    await untilEvaluated(3);
    expect(await readRulesVersion(client)).toBe(before);

    writeFileSync(targets, JSON.stringify([{ targets: ['127.0.0.1:1'] }]));
    await until(WITHIN_MS, 'the version changes', async () => (await readRulesVersion(client)) !== before);
    const failing = await readRulesVersion(client);
    expect(failing).toMatch(/;half$/);
    await untilEvaluated(3);
    expect(await readRulesVersion(client)).toBe(failing);
  });
});
