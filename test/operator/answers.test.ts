import { createServer, type Server } from 'node:http';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type KubeObject, resourcePath, resources } from '#controller/api/kube-object.ts';
import type { Condition } from '#controller/api/trading-pipeline-status.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { PrometheusClient } from '#controller/prometheus/prometheus-client.ts';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';
import { applyService, condition, until, untilQuiet, writesOf } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

/** Timeout in milliseconds. Prometheus discovers new targets within 5 s, and knows their health one scrape later. */
const WITHIN_MS = 15_000;

interface Event extends KubeObject {
  readonly reason: string;
  readonly type: string;
  readonly note: string;
  readonly regarding: { readonly name: string };
  readonly series?: { readonly count: number };
}

const spec = {
  services: [{ name: 'backend' }, { name: 'celery-worker' }],
  alerts: { custom: [{ alert: 'AlwaysOn', expr: 'vector(1)' }] },
  objectives: [{ name: 'pipeline-success' }],
  dashboards: { include: ['overview'] },
};

/** Rules that produce the recorded series of an objective at once, because the real rules need 30 days of samples. */
function recordedObjective(namespace: string) {
  const identity = { namespace, tradingpipeline: 'asked', objective: 'pipeline-success' };
  const record = (name: string, expr: string, window: string) => ({
    record: name,
    expr,
    labels: { ...identity, window },
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

describe('facts from Prometheus in the status', () => {
  const { kubeconfigs } = inject('apiServer');
  let prometheus: TestPrometheus;
  let service: Server;
  beforeAll(async () => {
    prometheus = await preparePrometheus();
    service = createServer((request, response) => {
      response.writeHead(request.url === '/metrics' ? 200 : 404, { 'content-type': 'text/plain' }).end('up 1\n');
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await prometheus?.stop();
    service?.close();
  });
  const cluster = useOperator({
    tuning: () => ({
      prometheus: { client: new PrometheusClient(prometheus.url, { timeoutMs: 2_000 }), everyMs: 200 },
    }),
  });
  beforeEach(async () => {
    await prometheus.configure({ scrapeConfigs: [], ruleGroups: [] });
    for (const name of ['backend', 'celery-worker']) await applyService(cluster.admin, cluster.namespace, name);
  });
  afterEach(async () => {
    await prometheus.halt();
    // The controller reads Prometheus objects in all namespaces, so the Prometheus object `kps` would affect other
    // tests.
    await cluster.admin.delete(resources.prometheus, cluster.at('kps')).catch(() => undefined);
  });

  const is = (type: string, wanted: Partial<Condition>) => cluster.untilCondition('asked', type, wanted, WITHIN_MS);
  const applyPrometheus = (selectors: object) =>
    cluster.admin.apply(resources.prometheus, {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Prometheus',
      metadata: cluster.at('kps'),
      spec: selectors,
    });
  const scrape = (name: string, path = '/metrics') => ({
    job_name: `serviceMonitor/${cluster.namespace}/asked.${name}/0`,
    metrics_path: path,
    static_configs: [
      {
        targets: [`127.0.0.1:${(service.address() as AddressInfo).port}`],
        labels: { namespace: cluster.namespace, job: name },
      },
    ],
  });
  const groups = async () => {
    const rule = await cluster.find(resources.prometheusRule, 'asked');
    if (!rule) throw new Error('there is no PrometheusRule asked');
    return (rule.spec as { groups: { name: string; rules: object[] }[] }).groups;
  };
  const events = async () => {
    const { items } = await cluster.admin.list<Event>(resources.event, { namespace: cluster.namespace });
    return items.filter(({ regarding }) => regarding.name === 'asked');
  };
  /** Configures Prometheus as prometheus-operator would for the TradingPipeline `asked`. */
  const configureAll = async () =>
    prometheus.configure({
      scrapeConfigs: [scrape('backend'), scrape('celery-worker')],
      ruleGroups: [...(await groups()), recordedObjective(cluster.namespace)],
    });
  /** Creates the TradingPipeline `asked`, and waits until its targets are up and its rules are loaded. */
  const makeHealthy = async () => {
    await applyPrometheus({ serviceMonitorSelector: {}, ruleSelector: {} });
    await cluster.apply('asked', spec);
    await cluster.settled('asked');
    await configureAll();
    await prometheus.start();
    await is('RulesLoaded', { status: 'True', reason: 'RulesEvaluated' });
    return is('TargetsUp', { status: 'True', reason: 'AllTargetsUp' });
  };

  it('without a Prometheus object and with Prometheus unreachable: conditions say so, and the resource is Ready', async () => {
    await cluster.apply('asked', spec);
    await is('MonitorsSelected', { status: 'False', reason: 'PrometheusNotFound' });
    await is('DashboardsReady', { status: 'True', reason: 'DashboardsWritten' });
    const resource = await is('TargetsUp', { status: 'Unknown', reason: 'PrometheusUnreachable' });
    expect(condition(resource, 'TargetsUp')?.message).toBe(
      `Prometheus at ${prometheus.url} does not answer: ECONNREFUSED`,
    );
    expect(condition(resource, 'Ready')).toMatchObject({ status: 'True' });
    expect(resource.status?.alerts).toBeUndefined();
    expect(resource.status?.objectives).toBeUndefined();
  });

  it('with a selector that does not match: conditions and Events name the label, until the objects have that label', async () => {
    await applyPrometheus({
      serviceMonitorSelector: { matchLabels: { release: 'kps' } },
      serviceMonitorNamespaceSelector: {},
      ruleSelector: { matchLabels: { release: 'kps' } },
    });
    await cluster.apply('asked', spec);
    const resource = await is('MonitorsSelected', { status: 'False', reason: 'LabelMissing' });
    expect(condition(resource, 'MonitorsSelected')?.message).toContain(
      'does not select ServiceMonitor asked.backend, asked.celery-worker: its serviceMonitorSelector wants release=kps on the ServiceMonitor. Set spec.labels of the TradingPipeline to {release: "kps"}',
    );
    await is('RulesLoaded', { status: 'False', reason: 'RulesNotLoaded' });
    await until(3_000, 'the events of both', async () => {
      const reasons = (await events()).filter(({ type }) => type === 'Warning').map(({ reason }) => reason);
      return reasons.includes('LabelMissing') && reasons.includes('RulesNotLoaded');
    });

    await cluster.apply('asked', { ...spec, labels: { release: 'kps' } });
    await is('MonitorsSelected', { status: 'True', reason: 'MonitorsPicked' });
    await is('RulesLoaded', { status: 'Unknown', reason: 'PrometheusUnreachable' });
    await cluster.apply('asked', spec);
    await is('MonitorsSelected', { status: 'False', reason: 'LabelMissing' });
    for (const name of ['asked.backend', 'asked.celery-worker']) {
      const { apiVersion, kind } = resources.serviceMonitor;
      const metadata = { ...cluster.at(name), labels: { release: 'kps' } };
      await cluster.admin.apply(resources.serviceMonitor, { apiVersion, kind, metadata });
    }
    await is('MonitorsSelected', { status: 'True', reason: 'MonitorsPicked' });
    await applyPrometheus({ serviceMonitorSelector: {}, ruleSelector: {} });
    await is('RulesLoaded', { status: 'Unknown', reason: 'PrometheusUnreachable' });
  });

  it('before Prometheus has loaded new objects: conditions wait, and after a restart report them missing', async () => {
    await applyPrometheus({ serviceMonitorSelector: {}, ruleSelector: {} });
    await prometheus.start();
    await cluster.apply('asked', spec);
    await is('TargetsUp', { status: 'Unknown', reason: 'WaitingForPrometheus' });
    await is('RulesLoaded', { status: 'Unknown', reason: 'WaitingForPrometheus' });
    // A new controller has not written the generated objects itself, so it does not wait for Prometheus to load them.
    await cluster.operator.stop();
    await cluster.start();
    await is('TargetsUp', { status: 'False', reason: 'TargetsMissing' });
    await is('RulesLoaded', { status: 'False', reason: 'RulesNotLoaded' });
  });

  it('with an endpoint that answers 404: TargetsUp names it, with the error of Prometheus', async () => {
    await cluster.apply('asked', spec);
    await cluster.settled('asked');
    const scrapeConfigs = [scrape('backend'), scrape('celery-worker', '/wrong')];
    await prometheus.configure({ scrapeConfigs, ruleGroups: await groups() });
    await prometheus.start();
    const resource = await is('TargetsUp', { status: 'False', reason: 'TargetsDown' });
    // Prometheus may not have scraped the target of `backend` yet, and the controller writes changed counts only once a
    // minute.
    expect(condition(resource, 'TargetsUp')?.message).toMatch(
      /^[01] of [12] targets are up\. celery-worker http:.*404/,
    );
  });

  it('with targets up and rules loaded: the status has counts, firing alerts and figures of objectives', async () => {
    const up = await makeHealthy();
    expect(condition(up, 'TargetsUp')?.message).toBe('2 of 2 targets are up');
    const resource = await until(WITHIN_MS, 'the status shows what fires', async () => {
      const now = await is('Ready', { status: 'True' });
      return now.status?.alerts?.firing === 1 && now.status.objectives?.[0]?.burnRate !== undefined && now;
    });
    expect(resource.status?.alerts).toEqual({ firing: 1, names: ['AlwaysOn'] });
    expect(resource.status?.objectives).toEqual([
      { name: 'pipeline-success', target: 95, current: 97.5, budgetRemaining: 50, burnRate: 2 },
    ]);
    expect(resource.status?.summary?.budget).toBe('50%');

    const { columnDefinitions, rows } = await readTable(kubeconfigs.admin, cluster.namespace);
    expect(columnDefinitions.filter(({ priority }) => priority === 0).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Name', 'Ready', 'Services', 'Alerts', 'Budget', 'Age']),
    );
    expect(rows[0]?.cells.slice(0, 3)).toEqual(['asked', 'True', '2/2']);
  });

  it('that do not change: ten polls write nothing', async () => {
    await makeHealthy();
    await untilQuiet(cluster.operator);
    cluster.operator.requests.length = 0;
    const before = cluster.operator.polls();
    await until(WITHIN_MS, 'ten polls', async () => cluster.operator.polls() >= before + 10);
    expect(writesOf(cluster.operator.requests)).toEqual([]);
  });

  it('with a rule that fails: RulesLoaded names it, with the error', async () => {
    await makeHealthy();
    const broken = {
      alert: 'AlwaysOn',
      expr: 'label_replace(vector(1), "a", "b", "", "") + on () group_left (a) (up or vector(2))',
    };
    const ruleGroups = (await groups()).map((group) => {
      return group.name.endsWith('.custom') ? { ...group, rules: [{ ...group.rules[0], ...broken }] } : group;
    });
    await prometheus.configure({ scrapeConfigs: [scrape('backend'), scrape('celery-worker')], ruleGroups });
    const resource = await is('RulesLoaded', { status: 'False', reason: 'RuleFails' });
    expect(condition(resource, 'RulesLoaded')?.message).toContain('AlwaysOn: ');
  });

  it('disappear when Prometheus is unreachable, and the resource stays Ready', async () => {
    await makeHealthy();
    await prometheus.halt();
    const resource = await is('TargetsUp', { status: 'Unknown', reason: 'PrometheusUnreachable' });
    expect(resource.status).not.toHaveProperty('alerts');
    expect(resource.status).not.toHaveProperty('objectives');
    expect(resource.status?.summary).not.toHaveProperty('budget');
    expect(condition(resource, 'Ready')).toMatchObject({ status: 'True', reason: 'Reconciled' });
  });

  it('that come and go: one Event counts the repetitions', async () => {
    await makeHealthy();
    for (let round = 0; round < 2; round += 1) {
      await prometheus.halt();
      await is('TargetsUp', { status: 'Unknown', reason: 'PrometheusUnreachable' });
      await prometheus.start();
      await is('TargetsUp', { status: 'True' });
    }
    const up = async () => (await events()).filter(({ reason }) => reason === 'AllTargetsUp');
    await until(3_000, 'they are counted', async () => (await up()).some(({ series }) => (series?.count ?? 0) >= 3));
    expect(await up()).toHaveLength(1);
    const refused = cluster.operator.logs.filter(({ message }) => message === 'event was not written');
    expect(refused).toEqual([]);
  });
});

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** Reads the table that `kubectl get` prints. The API server fills in the columns. */
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
