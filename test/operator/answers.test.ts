import { createServer, type Server } from 'node:http';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { resourcePath, resources } from '#controller/api/resources.ts';
import type { Condition } from '#controller/api/trading-pipeline-status.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { PrometheusClient } from '#controller/prometheus/prometheus-client.ts';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';
import {
  applyService,
  condition,
  connectAdmin,
  createNamespace,
  find,
  type OperatorUnderTest,
  startOperator,
  tradingPipeline,
  until,
  untilCondition,
  untilQuiet,
  writesOf,
} from './operator-under-test.ts';

/** Prometheus takes up to 5 s to begin with targets, and a scrape more to know how they are. */
const WITHIN_MS = 15_000;

interface Event extends KubeObject {
  readonly reason: string;
  readonly type: string;
  readonly note: string;
  readonly regarding: { readonly name: string };
  readonly series?: { readonly count: number };
}

const identity = (namespace: string) => ({ namespace, tradingpipeline: 'asked', objective: 'pipeline-success' });

/** What Prometheus makes of objectives, without the month that it takes. */
function recordedObjective(namespace: string) {
  const record = (name: string, expr: string, window: string) => ({
    record: name,
    expr,
    labels: { ...identity(namespace), window },
  });
  return {
    name: 'recorded',
    rules: [
      record('objective:success:ratio', 'vector(0.975)', '30d'),
      record('objective:error_budget_remaining:ratio', 'vector(0.5)', '30d'),
      record('objective:burn_rate:ratio', 'vector(2)', '1h'),
      record('objective:burn_rate:ratio', 'vector(99)', '5m'),
    ],
  };
}

describe('answers from Prometheus', () => {
  const { kubeconfigs } = inject('apiServer');
  let operator: OperatorUnderTest;
  let prometheus: TestPrometheus;
  let service: Server;
  let namespace: string;
  const at = { namespace: '', name: 'asked' };
  const admin = connectAdmin(kubeconfigs.admin);

  beforeAll(async () => {
    namespace = await createNamespace(admin);
    at.namespace = namespace;
    prometheus = await preparePrometheus();
    service = createServer((request, response) => {
      response.writeHead(request.url === '/metrics' ? 200 : 404, { 'content-type': 'text/plain' }).end('up 1\n');
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    for (const name of ['backend', 'celery-worker']) await applyService(admin, namespace, name);
    operator = await start();
  });
  afterAll(async () => {
    await operator?.stop();
    await prometheus?.stop();
    service?.close();
    await admin.delete(resources.prometheus, { namespace, name: 'kps' }).catch(() => undefined);
    admin.close();
  });

  const start = () => {
    const client = new PrometheusClient(prometheus.url, { timeoutMs: 2_000 });
    return startOperator(kubeconfigs, [namespace], { prometheus: { client, everyMs: 200 } });
  };
  const is = (type: string, wanted: Partial<Condition>) => untilCondition(admin, at, type, wanted, WITHIN_MS);
  const applyPrometheus = (spec: object) =>
    admin.apply(resources.prometheus, {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Prometheus',
      metadata: { namespace, name: 'kps' },
      spec,
    });
  const scrape = (name: string, path = '/metrics') => ({
    job_name: `serviceMonitor/${namespace}/asked.${name}/0`,
    metrics_path: path,
    static_configs: [
      { targets: [`127.0.0.1:${(service.address() as AddressInfo).port}`], labels: { namespace, job: name } },
    ],
  });
  const groups = async () => {
    const rule = await find(admin, resources.prometheusRule, namespace, 'asked');
    if (!rule) throw new Error('there is no PrometheusRule asked');
    return (rule.spec as { groups: { name: string; rules: object[] }[] }).groups;
  };
  const events = async () => {
    const { items } = await admin.list<Event>(resources.event, { namespace });
    return items.filter(({ regarding }) => regarding.name === 'asked');
  };
  const spec = {
    services: [{ name: 'backend' }, { name: 'celery-worker' }],
    alerts: { custom: [{ alert: 'AlwaysOn', expr: 'vector(1)' }] },
    objectives: [{ name: 'pipeline-success' }],
    dashboards: { include: ['overview'] },
  };

  it('without a Prometheus object: says so, and is Ready all the same', async () => {
    await admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'asked', spec));
    await is('MonitorsSelected', { status: 'False', reason: 'PrometheusNotFound' });
    await is('DashboardsReady', { status: 'True', reason: 'DashboardsWritten' });
    const pipeline = await is('TargetsUp', { status: 'Unknown', reason: 'PrometheusUnreachable' });
    expect(condition(pipeline, 'TargetsUp')?.message).toBe(
      `Prometheus at ${prometheus.url} does not answer: ECONNREFUSED`,
    );
    expect(condition(pipeline, 'Ready')).toMatchObject({ status: 'True' });
    expect(pipeline.status?.alerts).toBeUndefined();
    expect(pipeline.status?.objectives).toBeUndefined();
  });

  it('a selector that does not match: names the label, and sees it when it is there', async () => {
    await applyPrometheus({
      serviceMonitorSelector: { matchLabels: { release: 'kps' } },
      serviceMonitorNamespaceSelector: {},
      ruleSelector: { matchLabels: { release: 'kps' } },
    });
    const pipeline = await is('MonitorsSelected', { status: 'False', reason: 'LabelMissing' });
    expect(condition(pipeline, 'MonitorsSelected')?.message).toContain(
      'does not select ServiceMonitor asked.backend, asked.celery-worker: its serviceMonitorSelector wants release=kps on the ServiceMonitor. Set spec.labels of the TradingPipeline to {release: "kps"}',
    );
    await is('RulesLoaded', { status: 'False', reason: 'RulesNotLoaded' });
    await until(3_000, 'the events of both', async () => {
      const reasons = (await events()).filter(({ type }) => type === 'Warning').map(({ reason }) => reason);
      return reasons.includes('LabelMissing') && reasons.includes('RulesNotLoaded');
    });

    const labelled = { ...spec, labels: { release: 'kps' } };
    await admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'asked', labelled));
    await is('MonitorsSelected', { status: 'True', reason: 'MonitorsPicked' });
    await is('RulesLoaded', { status: 'Unknown', reason: 'PrometheusUnreachable' });
    await admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'asked', spec));
    await is('MonitorsSelected', { status: 'False', reason: 'LabelMissing' });
    for (const name of ['asked.backend', 'asked.celery-worker']) {
      const { apiVersion, kind } = resources.serviceMonitor;
      const labels = { release: 'kps' };
      await admin.apply(resources.serviceMonitor, { apiVersion, kind, metadata: { namespace, name, labels } });
    }
    await is('MonitorsSelected', { status: 'True', reason: 'MonitorsPicked' });
    await applyPrometheus({ serviceMonitorSelector: {}, ruleSelector: {} });
    await is('RulesLoaded', { status: 'Unknown', reason: 'PrometheusUnreachable' });
  });

  it('Prometheus is up and has not taken it in yet: waits; after a while it is missing', async () => {
    await prometheus.start();
    await is('TargetsUp', { status: 'Unknown', reason: 'WaitingForPrometheus' });
    await is('RulesLoaded', { status: 'Unknown', reason: 'WaitingForPrometheus' });
    // A controller that has just begun has not written it lately.
    await operator.stop();
    operator = await start();
    await is('TargetsUp', { status: 'False', reason: 'TargetsMissing' });
    await is('RulesLoaded', { status: 'False', reason: 'RulesNotLoaded' });
  });

  it('an endpoint answers 404: names it, with what Prometheus says', async () => {
    const ruleGroups = [...(await groups()), recordedObjective(namespace)];
    await prometheus.configure({ scrapeConfigs: [scrape('backend'), scrape('celery-worker', '/wrong')], ruleGroups });
    const pipeline = await is('TargetsUp', { status: 'False', reason: 'TargetsDown' });
    // Prometheus may not have scraped the other one yet, and counts alone are written once a minute.
    expect(condition(pipeline, 'TargetsUp')?.message).toMatch(
      /^[01] of [12] targets are up\. celery-worker http:.*404/,
    );
  });

  it('all is up and loaded: counts, and says what fires and what is left of the budget', async () => {
    const ruleGroups = [...(await groups()), recordedObjective(namespace)];
    await prometheus.configure({ scrapeConfigs: [scrape('backend'), scrape('celery-worker')], ruleGroups });
    const up = await is('TargetsUp', { status: 'True', reason: 'AllTargetsUp' });
    expect(condition(up, 'TargetsUp')?.message).toBe('2 of 2 targets are up');
    await is('RulesLoaded', { status: 'True', reason: 'RulesEvaluated' });
    const pipeline = await until(WITHIN_MS, 'it says what fires', async () => {
      const now = await is('Ready', { status: 'True' });
      return now.status?.alerts?.firing === 1 && now.status.objectives?.[0]?.burnRate !== undefined && now;
    });
    expect(pipeline.status?.alerts).toEqual({ firing: 1, names: ['AlwaysOn'] });
    expect(pipeline.status?.objectives).toEqual([
      { name: 'pipeline-success', target: 95, current: 97.5, budgetRemaining: 50, burnRate: 2 },
    ]);
    expect(pipeline.status?.summary?.budget).toBe('50%');
  });

  it('is asked again and again, and writes nothing while nothing changes', async () => {
    await untilQuiet(operator);
    operator.requests.length = 0;
    await sleep(2_000);
    expect(writesOf(operator.requests)).toEqual([]);
  });

  it('a rule fails: names it, with the error', async () => {
    const broken = {
      alert: 'AlwaysOn',
      expr: 'label_replace(vector(1), "a", "b", "", "") + on () group_left (a) (up or vector(2))',
    };
    const ruleGroups = (await groups()).map((group) => {
      return group.name.endsWith('.custom') ? { ...group, rules: [{ ...group.rules[0], ...broken }] } : group;
    });
    await prometheus.configure({ scrapeConfigs: [scrape('backend'), scrape('celery-worker')], ruleGroups });
    const pipeline = await is('RulesLoaded', { status: 'False', reason: 'RuleFails' });
    expect(condition(pipeline, 'RulesLoaded')?.message).toContain('AlwaysOn: ');
  });

  it('Prometheus goes away: what it said is not repeated, and Ready stays', async () => {
    await prometheus.halt();
    const pipeline = await is('TargetsUp', { status: 'Unknown', reason: 'PrometheusUnreachable' });
    expect(pipeline.status).not.toHaveProperty('alerts');
    expect(pipeline.status).not.toHaveProperty('objectives');
    expect(pipeline.status?.summary).not.toHaveProperty('budget');
    expect(condition(pipeline, 'Ready')).toMatchObject({ status: 'True', reason: 'Reconciled' });
  });

  it('counts on one Event what happens again and again', async () => {
    const countOf = async (reason: string) => {
      const found = (await events()).filter((event) => event.reason === reason && event.series);
      return found.map(({ series }) => series?.count);
    };
    for (let round = 0; round < 3; round += 1) {
      await prometheus.start();
      await is('TargetsUp', { status: 'True' });
      await prometheus.halt();
      await is('TargetsUp', { status: 'Unknown' });
    }
    await until(3_000, 'they are counted', async () =>
      (await countOf('AllTargetsUp')).some((count) => (count ?? 0) >= 3),
    );
    expect((await events()).filter(({ reason }) => reason === 'AllTargetsUp')).toHaveLength(1);
    const refused = operator.logs.filter(({ message }) => message === 'event was not written');
    expect(refused).toEqual([]);
  });

  it('shows in 80 columns what matters', async () => {
    const { columnDefinitions, rows } = await readTable(kubeconfigs.admin, namespace);
    expect(columnDefinitions.filter(({ priority }) => priority === 0).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Name', 'Ready', 'Services', 'Alerts', 'Budget', 'Age']),
    );
    expect(rows[0]?.cells.slice(0, 3)).toEqual(['asked', 'True', '2/2']);
  });
});

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** What kubectl get prints: the API server fills in the columns. */
async function readTable(kubeconfig: string, namespace: string): Promise<Table> {
  const connection = readKubeConnection(kubeconfig);
  const { tls, headers } = await connection.credentials();
  const url = new URL(resourcePath(resources.tradingPipeline, { namespace }), connection.server);
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  return new Promise((resolve, reject) => {
    get(url, { ...tls, headers: { ...headers, accept } }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(JSON.parse(text) as Table);
    }).on('error', reject);
  });
}
