import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertDefinition, alertNames } from '#catalogue/alerts.ts';
import { objectiveAlertNames, objectiveAlerts } from '#catalogue/objectives.ts';
import { parts } from '#local/parts/index.ts';
import type { Provisioned } from '#local/provision/part.ts';
import { buildAlertmanager } from '#local/servers/alertmanager.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { type Running, startRunning } from '../support/running.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';

const committed = path.resolve(import.meta.dirname, '..', '..', 'local', 'config', 'alertmanager.yaml');

let part: Provisioned<'alertmanager' | 'amtool'>;
let folder: string;
beforeAll(async () => {
  part = await provisionForTests(parts.alertmanager);
  folder = makeTestFolder('alertmanager');
  copyFileSync(committed, path.join(folder, 'alertmanager.yaml'));
});
afterAll(() => removeTestFolder(folder));

function amtool(...args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(part.files.amtool, [...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: (stdout + stderr).trim() }),
    );
  });
}

describe('the configuration of Alertmanager', () => {
  it('is accepted by Alertmanager', async () => {
    const { ok, output } = await amtool('check-config', 'alertmanager.yaml');
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });

  const severities: Readonly<Record<string, string>> = Object.fromEntries([
    ...alertNames.map((name) => [name, alertDefinition(name).severity]),
    ...objectiveAlertNames.map((name) => [name, objectiveAlerts[name].severity]),
  ]);

  it('sends critical alerts to the pager, and all other alerts to the tickets', async () => {
    const route = async (...labels: string[]) => {
      const { output } = await amtool('config', 'routes', 'test', '--config.file=alertmanager.yaml', ...labels);
      return output.split('\n')[0];
    };
    const receiverOf: Readonly<Record<string, string>> = { critical: 'page', warning: 'ticket', info: 'nobody' };
    for (const severity of new Set([...Object.values(severities), 'info'])) {
      expect(await route('tradingpipeline=platform', `severity=${severity}`)).toBe(receiverOf[severity]);
    }
    expect(await route('severity=critical', 'alertname=OperatorDown')).toBe('page');
    expect(await route('severity=warning', 'alertname=OperatorWatchOld')).toBe('ticket');
    expect(await route('severity=critical', 'alertname=SomebodyElses')).toBe('nobody');
  });
});

interface Labels {
  readonly [name: string]: string;
}

const of = (alertname: string, service: string, more: Labels = {}): Labels => ({
  alertname,
  service,
  severity: 'warning',
  namespace: 'desk',
  tradingpipeline: 'platform',
  ...more,
});
const down = (service: string, more: Labels = {}) => of('ServiceDown', service, { severity: 'critical', ...more });
const objective = (name: string, service: string, more: Labels = {}) => of(name, service, { objective: 'a', ...more });

describe('a real Alertmanager', () => {
  let running: Running;
  let url: string;
  beforeAll(async () => {
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    const server = buildAlertmanager({
      program: part.files.alertmanager,
      workingFolder: part.workingFolder,
      configFile: path.join(folder, 'alertmanager.yaml'),
      folder: path.join(folder, 'data'),
      port,
    });
    running = await startRunning(server, folder);
  });
  afterAll(() => running.stop({ kill: true }));

  let cases = 0;
  /** Fires these alerts together, with a cluster label that no other test uses. Returns the names of the inhibited alerts. */
  async function inhibited(...alerts: readonly Labels[]): Promise<string[]> {
    const cluster = `case-${cases++}`;
    const body = JSON.stringify(alerts.map((labels) => ({ labels: { ...labels, cluster } })));
    const headers = { 'content-type': 'application/json' };
    const posted = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body });
    expect(posted.status).toBe(200);
    return eventually(async () => {
      const response = await fetch(`${url}/api/v2/alerts?filter=${encodeURIComponent(`cluster="${cluster}"`)}`);
      const known = (await response.json()) as { labels: Labels; status: { state: string; inhibitedBy: string[] } }[];
      expect(known.map(({ status }) => status.state)).not.toContain('unprocessed');
      expect(known).toHaveLength(alerts.length);
      const silenced = known.filter(({ status }) => status.inhibitedBy.length > 0);
      return silenced.map(({ labels }) => labels.alertname ?? '').sort();
    });
  }

  it.each([
    ['trigger-dispatcher', ['DispatchStopped', 'HighKafkaConsumerLag', 'NoPipelineExecutions']],
    ['celery-worker', ['ExecutionsStopped', 'HighPipelineFailureRate', 'HighPipelineLatency', 'NoPipelineExecutions']],
    [
      'signal-generator',
      ['KafkaPublishFailures', 'MarketDataStopped', 'NoPipelineExecutions', 'SignalGenerationStopped'],
    ],
    ['backend', ['NoActiveBotsRunning']],
  ] as const)('says of %s that it is down, and not what follows from it', async (service, followers) => {
    const others = alertNames.filter((name) => name !== 'ServiceDown' && alertDefinition(name).follows !== 'own');
    const all = others.map((name) => of(name, 'another', { severity: alertDefinition(name).severity }));
    const silenced = await inhibited(down(service), ...all);
    expect(silenced).toEqual(expect.arrayContaining([...followers]));
    expect(silenced).toEqual(
      others.filter((name) => (alertDefinition(name).follows as string[]).includes(service)).sort(),
    );
  });

  it('never inhibits ServiceDown, nor an alert about money', async () => {
    const money = ['HighPortfolioDrawdown', 'HighLLMCostRate', 'PipelineBudgetExhausted'] as const;
    const services = ['backend', 'celery-worker', 'signal-generator', 'trigger-dispatcher'];
    const alerts = money.map((name) => of(name, 'backend', { severity: alertDefinition(name).severity }));
    expect(await inhibited(...services.map((service) => down(service)), ...alerts)).toEqual([]);
  });

  it('inhibits other alerts on a service that is down, but no alert on another service or namespace', async () => {
    const own = ['HighCPUUsage', 'HighMarketDataLag', 'HighMemoryUsage', 'HighRedisErrorRate'];
    const burning = [...objectiveAlertNames];
    expect(await inhibited(down('backend'), ...[...own, ...burning].map((name) => of(name, 'backend')))).toEqual(
      [...own, ...burning].sort(),
    );
    expect(await inhibited(down('backend'), ...own.map((name) => of(name, 'celery-worker')))).toEqual([]);
    expect(await inhibited(down('backend', { namespace: 'x' }), ...own.map((name) => of(name, 'backend')))).toEqual([]);
  });

  it('inhibits other alerts on an operator that is down', async () => {
    const { tradingpipeline: _, ...dead } = of('OperatorDown', 'controller', { severity: 'critical' });
    expect(await inhibited(dead, { ...dead, alertname: 'OperatorStuck' }, down('backend'))).toEqual(['OperatorStuck']);
  });

  it('inhibits ObjectiveBurnsSlowly for an objective that burns fast, and for no other objective', async () => {
    const fast = objective('ObjectiveBurnsFast', 'backend', { severity: 'critical' });
    expect(await inhibited(fast, objective('ObjectiveBurnsSlowly', 'backend'))).toEqual(['ObjectiveBurnsSlowly']);
    expect(await inhibited(fast, objective('ObjectiveBurnsSlowly', 'backend', { objective: 'b' }))).toEqual([]);
  });

  it('inhibits the warning of the same kind as a critical alert, on the same pipeline only', async () => {
    const critical = of('HighPipelineLatency', 'celery-worker', { severity: 'critical', pipeline_id: 'p1' });
    const warning = (pipeline_id: string) => of('HighPipelineLatency', 'celery-worker', { pipeline_id });
    expect(await inhibited(critical, warning('p1'))).toEqual(['HighPipelineLatency']);
    expect(await inhibited(critical, warning('p2'))).toEqual([]);
    const { tradingpipeline: _, ...foreign } = warning('p1');
    expect(await inhibited(critical, foreign)).toEqual([]);
  });
});
