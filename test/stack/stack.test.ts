import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alertLabels } from '#catalogue/alerts.ts';
import type { DashboardName } from '#catalogue/dashboards.ts';
import { objectiveSeries } from '#catalogue/objectives.ts';
import { CONTROLLER, serviceNames } from '#catalogue/services.ts';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { buildDashboard } from '#dashboards/index.ts';
import type { RenderedDashboard } from '#dashboards/rendered-dashboard.ts';
import { openVariables } from '#dashboards/variables.ts';
import { isFree } from '#local/servers/free-port.ts';
import { portNames } from '#local/stack/ports.ts';
import { repository } from '#local/stack/state.ts';
import { query, queryNumber, readAlerts, readFlags, readRules, readTargets } from '#tools/observe/monitoring.ts';
import { connectKafka } from '#tools/observe/read-topic.ts';
import { listProcessesNaming, planStack, runLocal, type StackUnderTest } from '#tools/observe/stack-under-test.ts';
import { eventually } from '../support/eventually.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';
import { type Accounts, readAccounts, readSignalIds, sum } from './accounts.ts';
import { readEvaluatedRules } from './evaluated-rules.ts';

/** Tests the whole platform, as `make up` starts it. All tests share one stack; before each test, stopped processes are started again. */
const folder = makeTestFolder('stack');
const platform = { namespace: 'trading-platform', name: 'platform' };
const MINUTE = 60_000;
let stack: StackUnderTest;
/** Names of all processes that `up` starts. */
let processes: readonly string[];
/** Whether a process that counts signals was restarted, so that its counters no longer include every signal. */
let countersReset = false;

async function startStack(): Promise<string> {
  const { code, output } = await stack.run('up');
  expect(code, output).toBe(0);
  return output;
}

beforeAll(async () => {
  stack = await planStack(folder);
  console.log(await startStack());
  processes = Object.keys(stack.pids());
});

beforeEach(async () => {
  const running = stack.pids();
  if (processes.some((name) => !(name in running))) await startStack();
});

let failed = false;
/** Keeps the logs at the first failure, before a later test removes them. */
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

const accounts = (): Promise<Accounts> => readAccounts(connectKafka(stack.at()), stack.at().postgres);
/**
 * Expects that Postgres contains exactly the signals in Kafka. A signal that was published again after a failed attempt or a restart
 * counts once.
 * @returns ids that were published more than once
 */
async function expectAllStored(): Promise<readonly string[]> {
  const { published, repeated, stored } = await readSignalIds(connectKafka(stack.at()), stack.at().postgres);
  expect(stored).toEqual(published);
  return repeated;
}

const unfinished = ({ executions }: Accounts) => (executions.queued ?? 0) + (executions.running ?? 0);

/** Stops the signal-generator, and waits until every signal is consumed and every execution has finished. */
async function settle(): Promise<Accounts> {
  expect((await stack.run('stop', 'signal-generator')).code).toBe(0);
  return eventually(async () => {
    const now = await accounts();
    expect(now.consumed, 'signals consumed of those published').toBe(now.published);
    expect(unfinished(now), 'executions that have not finished').toBe(0);
    return now;
  }, MINUTE);
}

/** Waits until the stack has run more than 20 executions, so that tests do not compare zeros. */
async function waitForWork(): Promise<void> {
  await eventually(async () => expect((await accounts()).executions.success ?? 0).toBeGreaterThan(20), MINUTE);
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

/**
 * Waits until every query of the dashboard has a result. Queries of the panels in `mayBeEmpty` only have to be valid.
 * @returns the number of queries
 */
async function expectAnswers(name: DashboardName, mayBeEmpty: readonly string[]): Promise<number> {
  const { panels } = buildDashboard(name, { services: [] }) as RenderedDashboard;
  const asked = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr: openVariables(expr) })),
  );
  const flowing = asked.filter(({ title }) => !mayBeEmpty.includes(title));
  const isEmpty = async ({ expr }: { expr: string }) => (await query(stack.at().prometheus, expr)).length === 0;
  await eventually(async () => {
    // panels about the API have results only if the API receives requests
    await fetch(`${stack.at().api}/api/v1/pipelines`);
    const empty = await Promise.all(flowing.map(isEmpty));
    expect(flowing.filter((_, index) => empty[index])).toEqual([]);
  }, 2 * MINUTE);
  for (const { title, expr } of asked) await expect(query(stack.at().prometheus, expr), title).resolves.toBeDefined();
  return asked.length;
}

describe('make up', () => {
  it('starts nothing twice', async () => {
    const before = stack.pids();
    const output = await startStack();
    expect(stack.pids()).toEqual(before);
    for (const name of Object.keys(before)) expect(output).toMatch(new RegExp(`${name} +runs already`));
  });

  it('names the process that holds a port, and starts nothing', async () => {
    const other = join(folder, 'other');
    const { code, output } = await runLocal(['up'], { ...stack.environment, TRADING_PLATFORM_STATE: other });
    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(
        `${stack.settings().ports.KUBE_API}, for the Kubernetes API server, by pid ${stack.pids()['kube-apiserver']}: `,
      ),
    );
    expect(output).toMatch(/PORT_KUBE_API=\d+/);
    expect(listProcessesNaming(other)).toEqual([]);
  });

  it('status shows every process as ready', async () => {
    const { code, output } = await stack.run('status');
    expect(code, output).toBe(0);
    for (const name of Object.keys(stack.pids())) expect(output).toMatch(new RegExp(`${name} +ready`));
  });
});

describe('Prometheus', () => {
  it('scrapes exactly the four services, through ServiceMonitors that the controller created', async () => {
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

  it('scrapes the operator through the ServiceMonitor installed with it, and has data for its dashboard', async () => {
    await eventually(async () => {
      const targets = (await readTargets(stack.at().prometheus)).filter(({ labels }) => labels.job === CONTROLLER);
      expect(targets).toMatchObject([
        { health: 'up', scrapePool: `serviceMonitor/${platform.namespace}/${CONTROLLER}/0` },
      ]);
    }, MINUTE);
    // perhaps no API error and no conflict has happened on this stack
    await expectAnswers('operator', ['API errors by verb and code', 'Conflicts, last hour']);
  });

  it('has exactly the rules of the PrometheusRules, and evaluates each without an error', async () => {
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

  it('has results for every query of the System Overview; only the panels about failures may be empty', async () => {
    const asked = await expectAnswers('overview', ['Firing alerts', 'Pipelines that fail most']);
    expect(asked).toBeGreaterThanOrEqual(17);
  });
});

describe('the number of signals', () => {
  it('is the same in Kafka, at the dispatcher and in Postgres, and Prometheus counts the executions in Postgres', async () => {
    if (countersReset) {
      await stack.run('clean');
      await startStack();
    }
    await waitForWork();
    const settled = await settle();
    expect(settled.published).toBeGreaterThan(20);
    expect(settled.consumed).toBe(settled.published);
    const repeated = await expectAllStored();
    expect(settled.published).toBe(settled.stored + repeated.length);
    const ask = (expression: string) => queryNumber(stack.at().prometheus, expression);
    const failed = await ask('sum(max_over_time(kafka_publish_failure_total[10m]))');
    // only a failed attempt makes the generator publish a signal twice
    if (failed === 0) expect(repeated).toEqual([]);
    expect(sum(['matched', 'skipped', 'unmatched'].map((outcome) => settled.byOutcome[outcome] ?? 0))).toBe(
      settled.stored,
    );
    await eventually(async () => {
      // read anew each time, because a pipeline that runs by the clock goes on
      const { success = 0, failed = 0 } = (await accounts()).executions;
      expect(await ask('sum(pipeline_executions_total)')).toBe(success + failed);
    }, MINUTE);
    await eventually(async () => expect(await ask('sum(signals_consumed_total)')).toBe(settled.stored), MINUTE);
  });
});

describe('the operator', () => {
  it('creates a deleted PrometheusRule again within 2 s', async () => {
    const client = stack.kube();
    const before = await client.get(resources.prometheusRule, platform);
    await client.delete(resources.prometheusRule, platform);
    await eventually(async () => {
      const { metadata } = await client.get(resources.prometheusRule, platform);
      expect(metadata.uid).not.toBe(before.metadata.uid);
    }, 2_000);
    client.close();
  });

  it('brings an edited threshold to Prometheus within 30 s', async () => {
    await applyPlatform({ alerts: { rules: { HighPipelineLatency: { threshold: 7.25 } } } });
    await eventually(async () => {
      const rules = await readRules(stack.at().prometheus);
      const edited = rules.find(
        ({ name, labels }) => name === 'HighPipelineLatency' && labels?.[alertLabels.pipeline] === platform.name,
      );
      expect(edited?.query).toMatch(/> 7\.25$/);
    }, 30_000);
  });
});

describe('an outage of the dispatcher', () => {
  const serviceDown = async () =>
    (await readAlerts(stack.at().alertmanager)).filter(
      ({ labels }) => labels.alertname === 'ServiceDown' && labels.service === 'trigger-dispatcher',
    );

  it('causes an alert in Alertmanager within 3 minutes, which ends with the outage, and no signal is lost', async () => {
    await eventually(async () => expect(await serviceDown()).toEqual([]), 3 * MINUTE);
    countersReset = true;
    expect((await stack.run('stop', 'trigger-dispatcher')).output).toMatch(/trigger-dispatcher +stopped/);
    const during = await accounts();
    const [alert] = await eventually(async () => {
      const alerts = await serviceDown();
      expect(alerts).not.toEqual([]);
      return alerts;
    }, 3 * MINUTE);
    expect(alert?.labels).toMatchObject({ severity: 'critical', namespace: 'trading-platform' });
    expect(alert?.annotations.runbook_url).toMatch(/#servicedown$/);
    expect((await stack.run('status')).code).toBe(1);
    const missed = (await accounts()).published - during.published;
    expect(missed).toBeGreaterThan(0);

    expect((await stack.run('start', 'trigger-dispatcher')).code).toBe(0);
    await eventually(async () => expect(await serviceDown()).toEqual([]), 3 * MINUTE);
    const settled = await settle();
    await expectAllStored();
    expect(settled.published).toBeGreaterThanOrEqual(during.published + missed);
  }, 720_000);
});

describe('a declared pipeline', () => {
  it('has its objective counted by the shared rules, and its burn rate in its status', async () => {
    const client = stack.kube();
    await eventually(async () => {
      const euroTrend = { ...platform, name: 'euro-trend' };
      const { status } = await client.get<TradingPipeline>(resources.tradingPipeline, euroTrend);
      expect(status?.objectives).toMatchObject([
        { name: 'pipeline-success', target: 99, burnRate: expect.any(Number) },
      ]);
    }, 3 * MINUTE);
    client.close();
    const counted = `sum(sum_over_time(${objectiveSeries.events}{tradingpipeline="euro-trend"}[1h]))`;
    expect(await queryNumber(stack.at().prometheus, counted)).toBeGreaterThan(0);
  }, 240_000);
});

describe('make down', () => {
  it('leaves no process and no port', async () => {
    countersReset = true;
    const { code, output } = await stack.run('down');
    expect(code, output).toBe(0);
    expect(listProcessesNaming(stack.paths.root)).toEqual([]);
    expect(stack.pids()).toEqual({});
    const free = await Promise.all(portNames.map((name) => isFree(stack.settings().ports[name])));
    expect(portNames.filter((_, index) => !free[index])).toEqual([]);
  });

  it('keeps the data: the next `make up` continues with it, and the resource is Ready within a minute', async () => {
    await waitForWork();
    countersReset = true;
    const down = await stack.run('down');
    expect(down.code, down.output).toBe(0);
    const output = await startStack();
    const seconds = /\[(\d+\.\d) s\] platform +TradingPipeline Ready/.exec(output)?.[1];
    expect(Number(seconds), output).toBeLessThan(60);
    expect(output).toMatch(/example-pipelines +0 created/);
    const now = await settle();
    await expectAllStored();
    expect(now.executions.success).toBeGreaterThan(20);
  });
});

describe('make clean', () => {
  it('leaves no process and no data', async () => {
    const { code, output } = await stack.run('clean');
    expect(code, output).toBe(0);
    expect(listProcessesNaming(stack.paths.root)).toEqual([]);
    expect([stack.paths.root, stack.paths.postgresData].filter(existsSync)).toEqual([]);
  });
});
