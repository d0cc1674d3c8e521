/** Cases of the rules that count the events of all declared pipelines together: counters, and the expected recorded values. Data only. */
import { objectiveSeries } from '#catalogue/objectives.ts';
import { isAlertRule, type RuleGroup } from '#controller/compile/objects/generated-object.ts';
import { buildSharedObjectiveGroups } from '#controller/compile/objects/shared-rules.ts';
import { compileGroups, isLongGroup } from './objective-rules.ts';
import { seriesText } from './series-text.ts';
import type { Trial } from './trial.ts';

const latency = { pipelineLatency: { below: '10s' } };
const resources = {
  strict: [{ name: 'pipeline-success', target: 99, window: '7d' }, { name: 'pipeline-latency' }],
  lax: [
    { name: 'pipeline-success', target: 50 },
    { name: 'slow', target: 90, indicator: latency, window: '90d' },
  ],
  /**
   * A TradingPipeline with two objectives. The shared rules count the events of `pipeline-success`; the
   * TradingPipeline's own rules count the events of `fast`.
   */
  mixed: [
    { name: 'pipeline-success', window: '28d' },
    { name: 'fast', target: 90, indicator: { pipelineLatency: { below: '5s' } } },
  ],
};
const names = Object.keys(resources) as (keyof typeof resources)[];
const pipeline = { trigger: { mode: 'manual' }, tickers: ['GOOG'] };
const ownGroups = names.flatMap((name) => compileGroups(name, { pipeline, objectives: resources[name] }));

/** Writes a series of the platform, which runs in another namespace than the TradingPipelines. */
const on = (metric: string, labels: object = {}, instance = 'w:1') =>
  seriesText(metric, { ...labels, job: 'celery-worker', namespace: 'platform', instance });
const executions = (name: string, status: string, instance?: string) =>
  on('pipeline_executions_total', { pipeline_id: `desk.${name}`, status, trigger_mode: 'signal' }, instance);
const ended = (name: string, instance?: string) =>
  on('pipeline_execution_duration_seconds_count', { pipeline_id: `desk.${name}`, status: 'success' }, instance);
const endedWithin = (le: string, name: string) =>
  on('pipeline_execution_duration_seconds_bucket', { pipeline_id: `desk.${name}`, status: 'success', le });
const healthy = { [on('up')]: '1x400', [on('process_start_time_seconds')]: '-100000x400' };

const firing = (alert: string, name: string) =>
  `count by (objective, pipeline_id, severity) (ALERTS{alertname="${alert}",alertstate="firing",tradingpipeline="${name}",indicator=""})`;
const counted = (name: string, objective: string, kind = 'events') =>
  `sum(sum_over_time(objective:${kind}:increase1m{tradingpipeline="${name}",objective="${objective}"}[59m59s]))`;

interface Expected {
  readonly at: string;
  readonly expr: string;
  readonly is: readonly (readonly [labels: string, value: number])[];
}
const number = (at: string, expr: string, value: number): Expected => ({ at, expr, is: [['{}', value]] });
const nothing = (at: string, expr: string): Expected => ({ at, expr, is: [] });

type SharedCase = readonly [what: string, series: Record<string, string>, expected: readonly Expected[]];

const cases: readonly SharedCase[] = [
  [
    'each resource has the counts of its pipeline, whatever it promises of them',
    {
      ...healthy,
      ...Object.fromEntries(names.map((name, index) => [executions(name, 'success'), `0+${10 * (index + 1)}x100`])),
      [executions('strict', 'failed')]: '0+1x100',
      [executions('nobodys', 'failed')]: '0+50x100',
    },
    [
      number('90m', counted('strict', 'pipeline-success'), 660),
      number('90m', counted('strict', 'pipeline-success', 'bad_events'), 60),
      number('90m', counted('lax', 'pipeline-success'), 1200),
      number('90m', counted('lax', 'pipeline-success', 'bad_events'), 0),
      number('90m', counted('mixed', 'pipeline-success'), 1800),
      nothing('90m', 'objective:events:increase1m{pipeline_id="desk.nobodys"}'),
      number('90m', 'round(sum(objective:success:ratio{tradingpipeline="strict",window="7d"}), 0.0001)', 0.9091),
      number(
        '90m',
        'round(sum(objective:error_budget_remaining:ratio{tradingpipeline="strict",window="7d"}), 0.01)',
        -8.09,
      ),
      number(
        '90m',
        'sum(objective:error_budget_remaining:ratio{tradingpipeline="lax",objective="pipeline-success"})',
        1,
      ),
    ],
  ],
  [
    'it burns for whom the failures are too many, and for nobody else',
    {
      ...healthy,
      ...Object.fromEntries(names.map((name) => [executions(name, 'success'), '0+10x60 600+8x60'])),
      ...Object.fromEntries(names.map((name) => [executions(name, 'failed'), '0x60 0+2x60'])),
      [executions('nobodys', 'failed')]: '0+50x120',
    },
    [
      nothing('1h', firing('ObjectiveBurnsFast', 'strict')),
      {
        at: '2h',
        expr: firing('ObjectiveBurnsFast', 'strict'),
        is: [['{objective="pipeline-success",pipeline_id="desk.strict",severity="critical"}', 1]],
      },
      nothing('2h', firing('ObjectiveBurnsFast', 'lax')),
      nothing('2h', firing('ObjectiveBurnsFast', 'mixed')),
      number('2h', 'round(sum(objective:success:ratio{tradingpipeline="mixed",window="28d"}), 0.01)', 0.9),
    ],
  ],
  [
    'what a resource counts by itself is summed by itself, once',
    {
      ...healthy,
      [ended('mixed')]: '0+10x120',
      [endedWithin('5', 'mixed')]: '0x120',
      [endedWithin('10', 'mixed')]: '0+10x120',
      [ended('strict')]: '0+10x120',
      [endedWithin('10', 'strict')]: '0x120',
      [ended('lax')]: '0+10x120',
      [endedWithin('10.0', 'lax')]: '0+10x120',
    },
    [
      number('2h', counted('mixed', 'fast', 'bad_events'), 600),
      number('2h', 'count(objective:burn_rate:ratio{tradingpipeline="mixed",window="1h"})', 1),
      { at: '2h', expr: firing('ObjectiveBurnsFast', 'mixed'), is: [['{objective="fast",severity="critical"}', 1]] },
      {
        at: '2h',
        expr: firing('ObjectiveBurnsFast', 'strict'),
        is: [['{objective="pipeline-latency",pipeline_id="desk.strict",severity="critical"}', 1]],
      },
      nothing('2h', firing('ObjectiveBurnsFast', 'lax')),
      number('2h', 'sum(objective:success:ratio{window="90d"})', 1),
    ],
  ],
  [
    'a pod goes and another comes: nothing is counted twice, nothing is lost',
    {
      [on('up')]: '1x29 stale',
      [on('process_start_time_seconds')]: '-100000x29 stale',
      [executions('strict', 'success')]: '5000+10x29 stale',
      [on('up', {}, 'w:2')]: '_x30 1x60',
      [on('process_start_time_seconds', {}, 'w:2')]: '_x30 1790x60',
      [executions('strict', 'success', 'w:2')]: '_x30 10+10x60',
      [executions('strict', 'failed', 'w:2')]: '_x30 1+1x60',
    },
    [
      number('59m', counted('strict', 'pipeline-success'), 290 + 11 * 30),
      number('59m', counted('strict', 'pipeline-success', 'bad_events'), 30),
    ],
  ],
  [
    'the first success and the first failure of a pipeline count, where its worker has been up without it, if not all the time',
    {
      ...healthy,
      [on('up')]: '1x20 0x3 1x400',
      [executions('strict', 'success')]: '_x30 1x30',
      [executions('strict', 'failed')]: '_x30 1x30',
    },
    [
      number('1h', counted('strict', 'pipeline-success'), 2),
      number('1h', counted('strict', 'pipeline-success', 'bad_events'), 1),
    ],
  ],
  [
    'a worker is found minutes after its start: what it has counted since counts, if those are five',
    {
      [on('up')]: '_x20 1x40',
      [on('process_start_time_seconds')]: '_x20 960x40',
      [on('up', {}, 'w:2')]: '_x20 1x40',
      [on('process_start_time_seconds', {}, 'w:2')]: '_x20 840x40',
      [executions('strict', 'success', 'w:2')]: '_x20 1000x40',
      [executions('strict', 'failed', 'w:2')]: '_x20 1000x40',
      [executions('strict', 'success')]: '_x20 5x40',
      [executions('strict', 'failed')]: '_x20 3x40',
    },
    [
      number('40m', counted('strict', 'pipeline-success'), 8),
      number('40m', counted('strict', 'pipeline-success', 'bad_events'), 3),
    ],
  ],
  [
    'a pipeline that has never succeeded, of a worker that was away for some minutes before the first failure',
    {
      [on('up')]: '1x20 0x3 1x80',
      [on('process_start_time_seconds')]: '-100000x20 stale _x3 -100000x80',
      [executions('strict', 'failed')]: '_x30 1+1x9 10x60',
    },
    [
      number('1h', counted('strict', 'pipeline-success'), 10),
      number('1h', counted('strict', 'pipeline-success', 'bad_events'), 10),
    ],
  ],
  [
    'ten minutes without a scrape are counted in the first minute after them, an hour is not known',
    {
      [on('up')]: '1x20 0x9 1x20 0x59 1x60',
      [on('process_start_time_seconds')]: '-100000x20 stale _x9 -100000x20 stale _x58 -100000x60',
      [executions('strict', 'success')]: '0+10x20 stale _x9 310+10x19 stale _x59 2000+10x60',
      [executions('strict', 'failed')]: '0x20 stale _x9 5x19 stale _x59 900x60',
      [on('up', {}, 'w:2')]: '1x180',
      [executions('strict', 'failed', 'w:2')]: '0x110 7x60',
    },
    [
      number('50m', counted('strict', 'pipeline-success'), 200 + 110 + 190 + 5),
      number('50m', counted('strict', 'pipeline-success', 'bad_events'), 5),
      number('130m', counted('strict', 'pipeline-success'), 190 + 7),
      number('130m', counted('strict', 'pipeline-success', 'bad_events'), 7),
    ],
  ],
  [
    'a worker restarted fifty seconds ago: it counts anew, even to the same number',
    {
      [on('up')]: '1x60',
      [on('process_start_time_seconds')]: '-100000x10 610x50',
      [executions('strict', 'success')]: '3x60',
      [executions('strict', 'failed')]: '5x60',
    },
    [
      number('30m', counted('strict', 'pipeline-success'), 8),
      number('30m', counted('strict', 'pipeline-success', 'bad_events'), 5),
    ],
  ],
  [
    'nothing ever happens: the whole budget, no ratio, no alert',
    {
      ...healthy,
      ...Object.fromEntries(names.map((name) => [executions(name, 'success'), '7x100'])),
    },
    [
      nothing('90m', 'objective:burn_rate:ratio'),
      number('90m', 'sum(objective:error_budget_remaining:ratio)', 3),
      nothing('90m', 'count(ALERTS)'),
    ],
  ],
];

/**
 * The rules of all TradingPipelines except for long windows, then the shared rules, then the rules of all
 * TradingPipelines for long windows.
 */
const groups: readonly RuleGroup[] = [
  ...ownGroups.filter((group) => !isLongGroup(group)),
  ...buildSharedObjectiveGroups(),
  ...ownGroups.filter(isLongGroup),
];

/**
 * Builds `minutes` of recorded counts of a pipeline: ten events every `step` minutes. `bad` maps minutes before the
 * last sample to the number of bad events at that time.
 */
function recorded(minutes: number, step: 1 | 5, bad: Readonly<Record<number, number>>): Record<string, string> {
  const labels =
    '{namespace="desk",tradingpipeline="strict",objective="o",pipeline_id="p",indicator="pipeline-success"}';
  const values = Array.from({ length: minutes / step + 1 }, (_, index) => bad[minutes - index * step] ?? 0);
  return {
    [`objective:error_budget:ratio${labels}`]: `0.05x${values.length}`,
    [`objective:events:increase${step}m${labels}`]: `10x${values.length}`,
    [`objective:bad_events:increase${step}m${labels}`]: values.join(' '),
  };
}
const burnt = (at: string, window: string, value: number) =>
  number(at, `round(sum(objective:burn_rate:ratio{window="${window}"}) * 1e6)`, value);

const scrapedFourTimes: SharedCase = [
  'four scrapes a minute: a recorded minute includes the events of all four scrapes',
  {
    ...healthy,
    [executions('strict', 'success')]: '0+10x200',
    [executions('strict', 'failed')]: '0+1x200',
    [executions('lax', 'failed')]: '_x41 1x160',
  },
  [
    number('30m', counted('strict', 'pipeline-success'), 1_320),
    number('30m', counted('strict', 'pipeline-success', 'bad_events'), 120),
    number('30m', counted('lax', 'pipeline-success', 'bad_events'), 1),
  ],
];

const HOUR = 60;
const longWindows: SharedCase = [
  'the long windows of all pipelines have the bad events of their own days',
  recorded(216 * HOUR, 5, { [192 * HOUR]: 8, [84 * HOUR]: 4, [48 * HOUR]: 4, [12 * HOUR]: 1 }),
  [burnt('216h', '1d', 6944), burnt('216h', '3d', 11574)],
];
const shortWindows: SharedCase = [
  'the short windows of all pipelines have the bad events of their own minutes',
  recorded(1100, 1, { 1000: 1024, 400: 512, 350: 256, 200: 128, 100: 64, 50: 32, 25: 16, 10: 8, 6: 4, 3: 2, 1: 1 }),
  [
    burnt('1100m', '5m', 1_200_000),
    burnt('1100m', '30m', 2_066_667),
    burnt('1100m', '1h', 2_100_000),
    burnt('1100m', '2h', 2_116_667),
    burnt('1100m', '6h', 2_838_889),
  ],
];

const shared = buildSharedObjectiveGroups();
const burnRates = shared.map((group) => ({
  ...group,
  rules: group.rules.filter((rule) => !isAlertRule(rule) && rule.record === objectiveSeries.burnRate),
}));

function buildTrial(of: readonly RuleGroup[], every: string, interval: string) {
  return ([name, series, expected]: SharedCase): readonly [what: string, trial: Trial] => {
    const test = {
      name,
      interval,
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: expected.map(({ at, expr, is }) => ({
        expr,
        eval_time: at,
        exp_samples: is.map(([labels, value]) => ({ labels, value })),
      })),
    };
    return [name, { groups: of, every, tests: [test] }];
  };
}

export const sharedTrials: readonly (readonly [what: string, trial: Trial])[] = [
  ...cases.map(buildTrial(groups, '1m', '1m')),
  buildTrial(groups, '1m', '15s')(scrapedFourTimes),
  buildTrial(burnRates.filter(isLongGroup), '6h', '5m')(longWindows),
  buildTrial(
    burnRates.filter((group) => !isLongGroup(group)),
    '10m',
    '1m',
  )(shortWindows),
];
