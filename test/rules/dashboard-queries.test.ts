import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardName, dashboardNames } from '#catalogue/dashboards.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import { buildDashboardCounts } from '#controller/compile/objects/shared-rules.ts';
import { buildDashboard } from '#dashboards/index.ts';
import type { RenderedDashboard } from '#dashboards/rendered-dashboard.ts';
import { openVariables } from '#dashboards/variables.ts';
import { buildBusyPlatform, type Series } from '../dashboards/busy-platform.ts';
import { promtoolPath } from '../support/provision-for-tests.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';

/** Checks the queries of the dashboards with promtool. Its files are written as JSON, because every JSON document is YAML. */
const folder = makeTestFolder('dashboard-queries');
/** Name of the file with the rules that record the counts which the queries sum. */
const COUNTS = 'counts.yaml';
const busyPlatform = buildBusyPlatform();
const recorded = { rule_files: [COUNTS], evaluation_interval: '1m' };
let promtool: string;

beforeAll(async () => {
  writeFileSync(path.join(folder, COUNTS), JSON.stringify({ groups: [buildDashboardCounts()] }));
  promtool = await promtoolPath();
});
afterAll(() => removeTestFolder(folder));

async function run(command: readonly string[], content: object): Promise<string> {
  const file = path.join(folder, 'input.yaml');
  writeFileSync(file, JSON.stringify(content));
  const { stdout } = await promisify(execFile)(promtool, [...command, file]).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(error.stdout + error.stderr);
    },
  );
  return stdout;
}

function queriesOf(name: DashboardName) {
  const { panels, annotations } = buildDashboard(name, { services: [] }) as RenderedDashboard;
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, refId }) => ({ title: `${title} ${refId}`, expr })),
  );
  return [...ofPanels, ...annotations.list.map(({ name: title, expr }) => ({ title, expr }))];
}

/** Returns the query of a panel, with every variable set to All. A panel on several dashboards has the same query on each. */
function query(title: string, names: readonly DashboardName[]): string {
  const found = names.flatMap(queriesOf).find((candidate) => candidate.title === title);
  if (!found) throw new Error(`no dashboard has a query "${title}"`);
  return openVariables(found.expr);
}

it.each(dashboardNames)('Prometheus parses every query of %s', async (name) => {
  const queries = queriesOf(name);
  const rules = queries.map(({ expr }, index) => ({ record: `dashboard:query:${index}`, expr: openVariables(expr) }));
  const output = await run(['check', 'rules'], { groups: [{ name, rules }] });
  expect(output).toContain(`${queries.length} rules found`);
});

/** Each service has two replicas, so an ambiguous query fails. A query of a metric that nobody emits has no result. */
it('every query of every dashboard has a result if every series exists', async () => {
  const asked = new Set(dashboardNames.flatMap(queriesOf).map(({ expr }) => openVariables(expr)));
  const checks = [...asked].map((expr) => ({
    expr: `count(${expr}) > bool 0`,
    eval_time: '6m',
    exp_samples: [{ labels: '{}', value: 1 }],
  }));
  await run(['test', 'rules'], {
    ...recorded,
    tests: [{ interval: '15s', input_series: busyPlatform, promql_expr_test: checks }],
  });
});

it('the recorded counts of a minute are the growth of the counters of all replicas, for each label set', async () => {
  const checks = minuteCountList.flatMap(({ record, counted, labels }) => {
    const grown = `sum by (${labels.join(', ')}) (increase(${counted}[2m])) / 2`;
    return [`count(${grown})`, `count(abs(${record} - (${grown})) < 1e-6)`].map((expr) => ({
      expr: `${expr} == scalar(count(${record}))`,
      eval_time: '6m',
      exp_samples: [{ labels: '{}', value: setsOfBusyPlatform(counted, labels) }],
    }));
  });
  await run(['test', 'rules'], {
    ...recorded,
    tests: [{ interval: '15s', input_series: busyPlatform, promql_expr_test: checks }],
  });
});

function setsOfBusyPlatform(counted: string, labels: readonly string[]): number {
  return labelSets(
    busyPlatform.filter(({ series }) => series.startsWith(`${counted}{`)),
    labels,
  ).length;
}

/** Returns each combination of these labels once, as the text between the braces of a selector. */
function labelSets(series: readonly Series[], labels: readonly string[]): string[] {
  const sets = series.map(({ series: text }) =>
    labels.flatMap((label) => text.match(new RegExp(`\\b${label}="[^"]*"`))?.[0] ?? []).join(', '),
  );
  return [...new Set(sets)];
}

/**
 * Evaluates the query of a panel `minutes` after the start of the series, and expects these samples as the result. If
 * `samples` is empty, the result must be empty. The series have a sample every 15 s.
 */
async function expectAnswer(
  title: string,
  minutes: number,
  samples: readonly { labels: string; value: number }[],
  series: readonly Series[],
  dashboard?: DashboardName,
  every = '1m',
) {
  const expr = query(title, dashboard ? [dashboard] : dashboardNames);
  // The result is rounded, because some versions of promtool compare floating-point numbers exactly.
  const check = { expr: `round(${expr}, 1e-6)`, eval_time: `${minutes}m`, exp_samples: samples };
  await run(['test', 'rules'], {
    ...recorded,
    evaluation_interval: every,
    tests: [{ interval: '15s', input_series: [...series, ...targetsOf(series)], promql_expr_test: [check] }],
  });
}

/**
 * Returns a series `up` for each target that these series come from. Returns none if the series already include `up`.
 */
function targetsOf(series: readonly Series[]): Series[] {
  if (series.some((one) => one.series.startsWith('up{'))) return [];
  const targets = labelSets(series, ['job', 'namespace', 'instance']);
  return targets.map((target) => ({ series: `up{${target}}`, values: '1x2000' }));
}

const one = (value: number) => [{ labels: '{}', value }];
const execution = (pipeline: string, status: string) =>
  `pipeline_executions_total{job="celery-worker", pipeline_id="${pipeline}", status="${status}", trigger_mode="signal"}`;

/** An old counter that does not grow, and two pipelines whose first executions are within the last hour: 3 succeed, 1 fails. */
const newborn: Series[] = [
  { series: execution('old', 'success'), values: '1000x2000' },
  { series: execution('new', 'success'), values: '_x400 3x1600' },
  { series: execution('bad', 'failed'), values: '_x420 1x1600' },
];

it('counts executions of pipelines that never ran before', async () => {
  await expectAnswer('Pipeline success rate A', 115, one(0.75), newborn);
  await expectAnswer('Pipelines that fail most A', 115, [{ labels: '{pipeline_id="bad"}', value: 1 }], newborn);
});

it('shows no success rate, and no NaN, if nothing has run within the window', async () => {
  await expectAnswer('Pipeline success rate A', 300, [], newborn);
  const quiet = [
    { series: 'kafka_publish_success_total{job="signal-generator", signal_type="rsi"}', values: '0x2000' },
    {
      series: 'kafka_publish_failure_total{job="signal-generator", signal_type="rsi", error_type="timeout"}',
      values: '0x2000',
    },
  ];
  await expectAnswer('Kafka publish success rate A', 300, [], quiet);
});

it('counts events that two operators have recorded only once', async () => {
  await expectAnswer(
    'Pipelines that fail most A',
    115,
    [{ labels: '{pipeline_id="bad"}', value: 1 }],
    newborn,
    undefined,
    '20s',
  );
});

it('does not count an old counter again after its scrapes failed an hour ago', async () => {
  const gap = [{ series: execution('old', 'success'), values: '1000x400 _x60 1000x2000' }];
  await expectAnswer('Pipeline success rate A', 170, [], gap);
  await expectAnswer('Pipeline success rate A', 168, [], gap);
});

it('shows a success rate of 0 % if everything fails', async () => {
  await expectAnswer('Pipeline success rate A', 115, one(0), [
    { series: execution('bad', 'failed'), values: '_x420 2x1600' },
  ]);
});

it('shows no quantile, and no NaN, while nothing is executed', async () => {
  const bucket = (le: string) => `pipeline_execution_duration_seconds_bucket{job="celery-worker", le="${le}"}`;
  const quiet = ['1', '+Inf'].map((le) => ({ series: bucket(le), values: '7x100' }));
  await expectAnswer('Execution duration P50, P95, P99 B', 10, [], quiet);
});

it('distinguishes services that are down, partly up, or without a target', async () => {
  const up = [
    { series: 'up{job="backend", instance="a"}', values: '1x100' },
    { series: 'up{job="backend", instance="b"}', values: '0x100' },
    { series: 'up{job="celery-worker", instance="a"}', values: '0x100' },
  ];
  await expectAnswer('Health: backend A', 10, one(0.5), up);
  await expectAnswer('Health: celery-worker A', 10, one(0), up);
  await expectAnswer('Health: signal-generator A', 10, one(-1), up);
});

it('counts the queue once, although every worker reports it', async () => {
  const depth = (pod: string) =>
    `celery_queue_depth{job="celery-worker", queue="pipeline-executions", state="waiting", pod="${pod}"}`;
  const workers = ['a', 'b', 'c'].map((pod) => ({ series: depth(pod), values: '4x100' }));
  await expectAnswer('Job queue depth A', 10, [{ labels: '{state="waiting"}', value: 4 }], workers);
});

it('shows the right queue while one pod replaces another', async () => {
  const depth = (pod: string) =>
    `celery_queue_depth{job="celery-worker", queue="pipeline-executions", state="waiting", pod="${pod}"}`;
  const pods = [
    { series: depth('gone'), values: '4x39 stale' },
    { series: depth('new'), values: '_x30 4x60' },
  ];
  for (const minutes of [7, 8, 9, 10, 11])
    await expectAnswer('Job queue depth A', minutes, [{ labels: '{state="waiting"}', value: 4 }], pods);
});

it('counts the events of a pod and of its successor once each', async () => {
  const failed = (pod: string) => execution('bad', 'failed').replace('}', `, pod="${pod}"}`);
  const pods = [
    { series: failed('gone'), values: '_x10 10x30 stale' },
    { series: failed('new'), values: '_x50 2x60' },
  ];
  const bad = (value: number) => [{ labels: '{pipeline_id="bad"}', value }];
  await expectAnswer('Pipelines that fail most A', 9, bad(10), pods);
  await expectAnswer('Pipelines that fail most A', 11, bad(10), pods);
  await expectAnswer('Pipelines that fail most A', 15, bad(12), pods);
});

it('shows the firing alerts of this platform, and since when each has fired, and no other alerts', async () => {
  const alert = (labels: string, state: string) =>
    `ALERTS{alertname="ServiceDown", service="backend", severity="critical", ${labels}${state}}`;
  const mine = 'tradingpipeline="platform", namespace="trading"';
  const series = [
    { series: alert(mine, ', alertstate="firing"'), values: '1x100' },
    { series: alert(mine, '').replace('ALERTS', 'ALERTS_FOR_STATE'), values: '60x100' },
    { series: alert('namespace="other"', ', alertstate="firing"'), values: '1x100' },
    { series: alert('namespace="other"', '').replace('ALERTS', 'ALERTS_FOR_STATE'), values: '90x100' },
  ];
  const labels = '{alertname="ServiceDown", service="backend", severity="critical", namespace="trading"}';
  await expectAnswer('Firing alerts A', 10, [{ labels, value: 60_000 }], series);
});

const bucket = (le: string) =>
  `pipeline_execution_duration_seconds_bucket{job="celery-worker", pipeline_id="a", le="${le}"}`;
const finished = 'pipeline_execution_duration_seconds_count{job="celery-worker", pipeline_id="a"}';

describe('error budgets', () => {
  /** Builds the series of a hundred executions between two scrapes, some of which fail. */
  const failing = (percent: number): Series[] => [
    { series: execution('a', 'success'), values: `0+${100 - percent}x240` },
    { series: execution('a', 'failed'), values: `0+${percent}x240` },
  ];

  it.each([
    [0, 0, 1],
    [5, 1, 0],
    [10, 2, -1],
  ])('%s %% failures burn at %s and leave %s of a budget of 5 %%', async (percent, burn, left) => {
    await expectAnswer('Objective burn rate, last 1 h A', 60, one(burn), failing(percent), 'pipelines');
    await expectAnswer('Error budget left A', 60, one(left), failing(percent), 'pipelines');
  });

  it.each(['10', '10.0'])('finds the bucket of the objective if its bound is written as %s', async (le) => {
    const slow = [
      { series: finished, values: '0+10x240' },
      { series: bucket(le), values: '0+9x240' },
      { series: bucket('1'), values: '0+5x240' },
    ];
    await expectAnswer('Objective burn rate, last 1 h B', 60, one(2), slow, 'pipelines');
  });

  it('are unknown, not 100 %, if no bucket has the bound', async () => {
    const unbounded = [
      { series: finished, values: '0+10x240' },
      { series: bucket('1'), values: '0+5x240' },
    ];
    await expectAnswer('Error budget left B', 60, [], unbounded, 'pipelines');
  });

  it('are unknown without events', async () => {
    await expectAnswer(
      'Error budget left A',
      200,
      [],
      [{ series: execution('a', 'success'), values: '7x1000' }],
      'pipelines',
    );
  });
});

describe('tables of pipelines', () => {
  const mixed: Series[] = [
    { series: execution('good', 'success'), values: '0+1x240' },
    { series: execution('bad', 'success'), values: '0+3x240' },
    { series: execution('bad', 'failed'), values: '0+1x240' },
  ];

  it('show the failed share of each pipeline, and 0 if none failed', async () => {
    const shares = [
      { labels: '{pipeline_id="good"}', value: 0 },
      { labels: '{pipeline_id="bad"}', value: 0.25 },
    ];
    await expectAnswer('Most failing pipelines B', 60, shares, mixed);
  });

  it('show the duration of a pipeline that ran only once', async () => {
    const once = ['5', '10', '+Inf'].map((le) => ({ series: bucket(le), values: `_x220 ${le === '5' ? 0 : 1}x20` }));
    await expectAnswer('Slowest pipelines A', 59, [{ labels: '{pipeline_id="a"}', value: 9.75 }], once);
  });

  it('show the cost of a first execution', async () => {
    const cost = (part: string) => `pipeline_execution_cost_usd_${part}{job="celery-worker", pipeline_id="a"}`;
    const once = [
      { series: cost('sum'), values: '_x220 0.25x20' },
      { series: cost('count'), values: '_x220 1x20' },
    ];
    await expectAnswer('Cost per execution B', 59, [{ labels: '{pipeline_id="a"}', value: 0.25 }], once);
  });
});

describe('the desk', () => {
  const both = (metric: string, value: number, labels = '') =>
    ['a', 'b'].map((pod) => ({
      series: `${metric}{job="backend", namespace="x", pod="${pod}"${labels}}`,
      values: `${value}x40`,
    }));

  it('shows the value of the portfolio once, although every backend reports it', async () => {
    await expectAnswer('Portfolio value A', 5, one(1000), both('portfolio_total_value_usd', 1000));
    const bots = both('trading_bots_active_total', 3, ', status="running"');
    await expectAnswer('Bots by status A', 5, [{ labels: '{status="running"}', value: 3 }], bots);
  });

  it('adds the profit of a bot over its symbols, and shows each bot once', async () => {
    const profit = (bot: string, symbol: string, value: number) =>
      both('trading_bot_pnl_usd', value, `, bot_id="${bot}", symbol="${symbol}"`);
    const bots = [
      { labels: '{bot_id="a"}', value: -5 },
      { labels: '{bot_id="b"}', value: 7 },
    ];
    const series = [...profit('a', 'GOOG', 10), ...profit('a', 'EURUSD', -15), ...profit('b', 'GOOG', 7)];
    await expectAnswer('P&L by bot A', 5, bots, series);
    await expectAnswer('Profit and loss A', 5, one(2), series);
  });

  it('counts a first order', async () => {
    const order =
      'trading_bot_trades_total{job="celery-worker", bot_id="a", symbol="GOOG", side="buy", status="filled"}';
    const filled = [{ labels: '{side="buy", status="filled"}', value: 1 }];
    await expectAnswer('Trade volume: orders of the last hour A', 59, filled, [
      { series: order, values: '_x220 1x20' },
    ]);
  });
});

describe('processes', () => {
  const of = (metric: string, pod: string) => `${metric}{job="backend", namespace="x", instance="${pod}"}`;

  it('show the utilisation of the replica that is nearest to its limit', async () => {
    const series = [
      { series: of('process_cpu_seconds_total', 'a'), values: '0+3x40' },
      { series: of('process_cpu_seconds_total', 'b'), values: '0+12x40' },
      ...['a', 'b'].map((pod) => ({ series: of('process_cpu_limit_cores', pod), values: '1x40' })),
    ];
    const labels = '{job="backend"}';
    await expectAnswer('CPU by service A', 5, [{ labels, value: 1 }], series);
    await expectAnswer('CPU, share of the limit A', 5, [{ labels, value: 0.8 }], series);
  });

  it('count as restarted only if the same pod restarts, not if a new pod replaces it', async () => {
    const started = (pod: string, values: string) => ({ series: of('process_start_time_seconds', pod), values });
    const series = [started('a', '5x40 600x40 1200x40'), started('b', '_x60 900x60')];
    await expectAnswer('Restarts A', 30, [{ labels: '{job="backend"}', value: 2 }], series);
  });
});

it('projects the cost of a month from a day, including models called for the first time', async () => {
  const spent = 'llm_cost_usd_total{job="celery-worker", model="m", agent="strategy"}';
  const day = [{ series: spent, values: '_x100 2x300' }];
  await expectAnswer('Cost, last 24 h A', 90, one(2), day);
  await expectAnswer('Projected month, from the last 24 h A', 90, one(60.88), day);
});

it('shows 0 operators if none is scraped, and otherwise counts each operator once', async () => {
  await expectAnswer('Operators scraped A', 5, one(0), []);
  const depth = (pod: string) => `tradingpipeline_controller_queue_depth{job="controller", pod="${pod}"}`;
  await expectAnswer('Operators scraped A', 5, one(2), [
    { series: depth('a'), values: '0x40' },
    { series: depth('b'), values: '0x40' },
  ]);
});
