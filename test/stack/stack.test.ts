import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { alertLabels } from '#catalogue/alerts.ts';
import type { DashboardName } from '#catalogue/dashboards.ts';
import { objectiveSeries } from '#catalogue/objectives.ts';
import { CONTROLLER, serviceNames } from '#catalogue/services.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { resources } from '#controller/api/resources.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { buildDashboard } from '#dashboards/index.ts';
import { openVariables } from '#dashboards/open-variables.ts';
import type { RenderedDashboard } from '#dashboards/rendered-dashboard.ts';
import { isFree } from '#local/servers/free-port.ts';
import { portNames } from '#local/stack/ports.ts';
import { repository } from '#local/stack/state.ts';
import { connectKafka } from '../services/read-topic.ts';
import { until } from '../support/eventually.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';
import { type Accounts, readAccounts, readSignalIds, sum } from './accounts.ts';
import {
  query,
  queryNumber,
  type Rule,
  readAlerts,
  readEvaluatedRules,
  readFlags,
  readRules,
  readTargets,
  type Target,
} from './monitoring.ts';
import { listProcessesNaming, planStack, runLocal, type StackUnderTest } from './stack-under-test.ts';

/** The whole platform, as `make up` starts it. The tests stand in the order of one session: each goes on from the one before. */
const folder = makeTestFolder('stack');
const platform = { namespace: 'trading-platform', name: 'platform' };
const MINUTE = 60_000;
let stack: StackUnderTest;

beforeAll(async () => {
  stack = await planStack(folder);
  const { code, output } = await stack.run('up');
  console.log(output);
  expect(code, output).toBe(0);
});

let failed = false;
/** At the first failure, before a later test removes them. */
afterEach(({ task }) => {
  if (failed || task.result?.state !== 'fail') return;
  failed = true;
  const kept = join(repository, '.local', 'stack-test-log');
  if (existsSync(stack.paths.logs)) cpSync(stack.paths.logs, kept, { recursive: true });
  console.log(`the logs of the stack are in ${kept}`);
});

afterAll(async () => {
  await stack.run('clean');
  removeTestFolder(folder);
});

const accounts = (): Promise<Accounts> => readAccounts(connectKafka(stack.at().kafka), stack.at().postgres);
/** No signal lost, none made up. One that a failed attempt or a restart published again is the same signal, and counts once. */
async function expectAllStored(): Promise<readonly string[]> {
  const { published, repeated, stored } = await readSignalIds(connectKafka(stack.at().kafka), stack.at().postgres);
  expect(stored).toEqual(published);
  return repeated;
}

const unfinished = ({ executions }: Accounts) => (executions.queued ?? 0) + (executions.running ?? 0);

/** Stops the market, and waits until everything that was on its way has arrived. */
async function settle(): Promise<Accounts> {
  expect((await stack.run('stop', 'signal-generator')).code).toBe(0);
  const arrived = (now: Accounts) => now.published === now.consumed && unfinished(now) === 0;
  return until(MINUTE, 'all signals consumed and all executions finished', accounts, arrived);
}

async function applyPlatform(spec: object): Promise<void> {
  const client = stack.kube();
  const found = await client.get<KubeObject>(resources.tradingPipeline, platform);
  const { apiVersion, kind } = found;
  await client.apply(resources.tradingPipeline, {
    apiVersion,
    kind,
    metadata: platform,
    spec: { ...(found.spec as object), ...spec },
  });
  client.close();
}

/** Waits until every query of the dashboard has an answer, but for panels that may be empty. Answers how many there are. */
async function expectAnswers(name: DashboardName, mayBeEmpty: readonly string[]): Promise<number> {
  const { panels } = buildDashboard(name, { services: [] }) as RenderedDashboard;
  const asked = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr: openVariables(expr) })),
  );
  const flowing = asked.filter(({ title }) => !mayBeEmpty.includes(title));
  const isEmpty = async ({ expr }: { expr: string }) => (await query(stack.at().prometheus, expr)).length === 0;
  const findEmpty = async () => {
    // the API is one of the things that flow
    await fetch(`${stack.at().api}/api/v1/pipelines`);
    const empty = await Promise.all(flowing.map(isEmpty));
    return flowing.filter((_, index) => empty[index]);
  };
  await until(2 * MINUTE, 'panels without data', findEmpty, (empty) => empty.length === 0);
  for (const { title, expr } of asked) await expect(query(stack.at().prometheus, expr), title).resolves.toBeDefined();
  return asked.length;
}

describe('make up', () => {
  it('starts nothing twice', async () => {
    const before = stack.pids();
    const { code, output } = await stack.run('up');
    expect(code, output).toBe(0);
    expect(stack.pids()).toEqual(before);
    for (const name of Object.keys(before)) expect(output).toMatch(new RegExp(`${name} +runs already`));
  });

  it('says by whom a port is taken, and starts nothing', async () => {
    const other = join(folder, 'other');
    const { code, output } = await runLocal(['up'], { ...stack.environment, TRADING_PLATFORM_STATE: other });
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`${stack.settings().ports.ETCD}, for etcd, by pid ${stack.pids().etcd}: `));
    expect(output).toMatch(/PORT_ETCD=\d+/);
    expect(listProcessesNaming(other)).toEqual([]);
  });

  it('status shows every process as ready', async () => {
    const { code, output } = await stack.run('status');
    expect(code, output).toBe(0);
    for (const name of Object.keys(stack.pids())) expect(output).toMatch(new RegExp(`${name} +ready`));
  });
});

describe('Prometheus', () => {
  it('scrapes exactly the four services, found through the ServiceMonitors of the controller', async () => {
    const all = await readTargets(stack.at().prometheus);
    const targets = all.filter(({ labels }) => labels.job !== CONTROLLER);
    expect(targets.map(({ labels, health }) => `${labels.job} ${health}`).sort()).toEqual(
      serviceNames.map((name) => `${name} up`).sort(),
    );
    const client = stack.kube();
    const { items } = await client.list(resources.serviceMonitor);
    client.close();
    const monitors = items.map(({ metadata }) => metadata).filter(({ name }) => name !== CONTROLLER);
    const pools = monitors.map(({ namespace, name }) => `serviceMonitor/${namespace}/${name}/0`);
    expect(targets.map(({ scrapePool }) => scrapePool).sort()).toEqual(pools.sort());
    expect(monitors.every(({ ownerReferences }) => ownerReferences?.[0]?.kind === 'TradingPipeline')).toBe(true);
  });

  it('scrapes the operator too, by the monitor that is installed with it, and has data for its dashboard', async () => {
    const isUp = ({ labels, health }: Target) => labels.job === CONTROLLER && health === 'up';
    const find = async () => (await readTargets(stack.at().prometheus)).find(isUp)?.scrapePool;
    const pool = await until(MINUTE, 'the operator is scraped', find, (found) => found !== undefined);
    expect(pool).toBe(`serviceMonitor/${platform.namespace}/${CONTROLLER}/0`);
    // nothing of that kind has happened here
    await expectAnswers('operator', ['API errors by verb and code', 'Conflicts, last hour']);
  });

  it('has every rule of the PrometheusRules, and each can be evaluated', async () => {
    const client = stack.kube();
    const objects = (await client.list<KubeObject>(resources.prometheusRule)).items;
    client.close();
    const wanted = objects.flatMap(({ spec }) =>
      (spec as { groups: { rules: { alert?: string; record?: string }[] }[] }).groups.flatMap(({ rules }) =>
        rules.map(({ alert, record }) => alert ?? record),
      ),
    );
    const rules = await readEvaluatedRules(stack.at().prometheus, wanted.length);
    expect(rules.map(({ name }) => name).sort()).toEqual(wanted.sort());
    expect(wanted.length).toBeGreaterThan(10);
  }, 360_000);

  it('runs with the retention of the Prometheus object', async () => {
    const flags = await readFlags(stack.at().prometheus);
    expect(flags).toMatchObject({ 'storage.tsdb.retention.time': '30d', 'storage.tsdb.retention.size': '10GiB' });
  });

  it('answers every query of the System Overview, with data for what flows', async () => {
    // shown only when something is wrong
    const asked = await expectAnswers('overview', ['Firing alerts', 'Pipelines that fail most']);
    expect(asked).toBeGreaterThanOrEqual(17);
  });
});

describe('what flows', () => {
  it('is the same number of signals in Kafka, at the dispatcher and in Postgres, and of executions in Prometheus', async () => {
    await until(MINUTE, 'some executions', accounts, ({ executions }) => (executions.success ?? 0) > 20);
    const settled = await settle();
    expect(settled.published).toBeGreaterThan(20);
    expect(settled.consumed).toBe(settled.published);
    const repeated = await expectAllStored();
    expect(settled.published).toBe(settled.stored + repeated.length);
    const failed = await queryNumber(stack.at().prometheus, 'sum(max_over_time(kafka_publish_failure_total[10m]))');
    // without a failed attempt nothing is published twice, and the numbers are the same
    if (failed === 0) expect(repeated).toEqual([]);
    expect(sum(['matched', 'skipped', 'unmatched'].map((outcome) => settled.byOutcome[outcome] ?? 0))).toBe(
      settled.stored,
    );
    const ask = (expression: string) => () => queryNumber(stack.at().prometheus, expression);
    const finished = (settled.executions.success ?? 0) + (settled.executions.failed ?? 0);
    await until(
      MINUTE,
      'pipeline_executions_total',
      ask('sum(pipeline_executions_total)'),
      (value) => value === finished,
    );
    await until(
      MINUTE,
      'signals_consumed_total',
      ask('sum(signals_consumed_total)'),
      (value) => value === settled.stored,
    );
    expect((await stack.run('start', 'signal-generator')).code).toBe(0);
  });
});

describe('the operator', () => {
  it('has a deleted PrometheusRule back within 2 s', async () => {
    const client = stack.kube();
    const before = await client.get(resources.prometheusRule, platform);
    await client.delete(resources.prometheusRule, platform);
    const rules = async () => (await client.list(resources.prometheusRule)).items;
    const find = async () => (await rules()).find(({ metadata }) => metadata.name === platform.name)?.metadata.uid;
    await until(2_000, 'another PrometheusRule', find, (uid) => uid !== undefined && uid !== before.metadata.uid);
    client.close();
  });

  it('has an edited threshold in Prometheus within 30 s', async () => {
    await applyPlatform({ alerts: { rules: { HighPipelineLatency: { threshold: 7.25 } } } });
    const find = async () => {
      const rules = await readRules(stack.at().prometheus);
      const isIt = ({ name, labels }: Rule) =>
        name === 'HighPipelineLatency' && labels?.[alertLabels.pipeline] === platform.name;
      return rules.find(isIt)?.query;
    };
    const found = await until(30_000, 'the threshold', find, (expression) => expression?.includes('7.25') ?? false);
    expect(found).toMatch(/> 7\.25$/);
  });
});

describe('an outage of the dispatcher', () => {
  const serviceDown = async () =>
    (await readAlerts(stack.at().alertmanager)).filter(
      ({ labels }) => labels.alertname === 'ServiceDown' && labels.service === 'trigger-dispatcher',
    );

  it('is an alert in Alertmanager within 3 minutes, which ends with it, and loses no signal', async () => {
    expect(await serviceDown()).toEqual([]);
    expect((await stack.run('stop', 'trigger-dispatcher')).output).toMatch(/trigger-dispatcher +stopped/);
    const during = await accounts();
    const [alert] = await until(3 * MINUTE, 'ServiceDown fires', serviceDown, (alerts) => alerts.length > 0);
    expect(alert?.labels).toMatchObject({ severity: 'critical', namespace: 'trading-platform' });
    expect(alert?.annotations.runbook_url).toMatch(/#servicedown$/);
    expect((await stack.run('status')).code).toBe(1);
    const missed = (await accounts()).published - during.published;
    expect(missed).toBeGreaterThan(0);

    expect((await stack.run('start', 'trigger-dispatcher')).code).toBe(0);
    await until(3 * MINUTE, 'ServiceDown resolved', serviceDown, (alerts) => alerts.length === 0);
    const settled = await settle();
    await expectAllStored();
    expect(settled.published).toBeGreaterThanOrEqual(during.published + missed);
  });
});

describe('a declared pipeline', () => {
  it('has its objective counted with those of all pipelines, and says so in its status', async () => {
    const client = stack.kube();
    const read = async () =>
      (await client.get<TradingPipeline>(resources.tradingPipeline, { ...platform, name: 'euro-trend' })).status;
    const isCounted = (status: TradingPipeline['status']) => status?.objectives?.[0]?.burnRate !== undefined;
    const status = await until(3 * MINUTE, 'a burn rate in the status', read, isCounted);
    client.close();
    expect(status?.objectives).toMatchObject([{ name: 'pipeline-success', target: 99 }]);
    const counted = `sum(sum_over_time(${objectiveSeries.events}{tradingpipeline="euro-trend"}[1h]))`;
    expect(await queryNumber(stack.at().prometheus, counted)).toBeGreaterThan(0);
  }, 240_000);
});

describe('make down', () => {
  it('leaves no process and no port', async () => {
    const { code, output } = await stack.run('down');
    expect(code, output).toBe(0);
    expect(listProcessesNaming(stack.paths.root)).toEqual([]);
    expect(stack.pids()).toEqual({});
    const free = await Promise.all(portNames.map((name) => isFree(stack.settings().ports[name])));
    expect(portNames.filter((_, index) => !free[index])).toEqual([]);
  });

  it('keeps the data: the next up goes on with it, and is Ready within a minute', async () => {
    const { code, output } = await stack.run('up');
    expect(code, output).toBe(0);
    const seconds = /\[(\d+\.\d) s\] platform +TradingPipeline Ready/.exec(output)?.[1];
    expect(Number(seconds), output).toBeLessThan(60);
    expect(output).toMatch(/example-pipelines +0 created/);
    const now = await settle();
    await expectAllStored();
    expect(now.executions.success).toBeGreaterThan(20);
  });

  it('make clean removes all of it', async () => {
    const { code, output } = await stack.run('clean');
    expect(code, output).toBe(0);
    expect(listProcessesNaming(stack.paths.root)).toEqual([]);
    expect([stack.paths.root, stack.paths.postgresData].filter(existsSync)).toEqual([]);
  });
});
