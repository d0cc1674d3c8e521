/**
 * Cases for rules over long windows. Their series are counts that are already recorded every five minutes, so that cases of days and
 * months need no counters with a sample each minute. Data only.
 */
import type { ObjectiveCase } from './objective-case.ts';
import { burning, recordedOf } from './series-text.ts';

/** Builds the recorded counts of ten events every five minutes, some of them bad, with a budget of 5 %. */
function counted(bad: string, objective = 'pipeline-success', all = '10x40000'): Record<string, string> {
  return {
    [recordedOf('events:increase5m', objective)]: all,
    [recordedOf('bad_events:increase5m', objective)]: bad,
    [recordedOf('events:increase1m', objective)]: '2x40000',
    [recordedOf('error_budget:ratio', objective)]: '0.05x40000',
  };
}

/**
 * Builds the recorded counts of five bad events after 26 hours, and of four more this number of five-minute steps
 * later.
 */
function fiveAndFour(steps: number): Record<string, string> {
  const events = `0x311 5 0x${steps - 2} 4 0x400`;
  return counted(events, 'pipeline-success', events);
}

const success = [{ name: 'pipeline-success' }];
const rounded = (expr: string) => `round(${expr}, 1e-6)`;
const burn = (window: string) => rounded(`sum(objective:burn_rate:ratio{window="${window}"})`);

/**
 * The cases have bad events at several ages before day 100, and each window must count only the events within its length. The samples
 * are a quarter of an hour apart, because promtool loads at most 10,000 samples of a series.
 */
const DAYS = 100;
const STEPS_A_DAY = 96;
const ages: readonly (readonly [days: number, bad: number])[] = [
  [90.1, 256],
  [89.9, 128],
  [30.1, 64],
  [29.9, 32],
  [28.1, 16],
  [27.9, 8],
  [7.1, 4],
  [6.9, 2],
  [1, 1],
];

function badAtAges(): string {
  let step = 0;
  const pieces = ages.map(([days, bad]) => {
    const at = Math.round((DAYS - days) * STEPS_A_DAY);
    const piece = `0x${at - step - 1} ${bad}`;
    step = at + 1;
    return piece;
  });
  return `${pieces.join(' ')} 0x1000`;
}

/** One objective for each window that an objective can have. The objective with the window of 30 days is the platform's own. */
const promised = { 'pipeline-success': '30d', week: '7d', 'four-weeks': '28d', quarter: '90d' };

const promises = Object.entries(promised).map(([name, window]) => ({
  name,
  window,
  target: 95,
  indicator: { pipelineSuccess: {} },
}));

function ofEachPromise(seriesOf: (name: string) => Record<string, string>): Record<string, string> {
  return Object.assign({}, ...Object.keys(promised).map(seriesOf));
}

/**
 * Returns the checks of an objective with this window that contains this many bad events: how many are bad, how much of
 * the budget is left, and how long it will last.
 */
function kept(window: string, bad: number) {
  const events = Number.parseInt(window, 10) * STEPS_A_DAY * 10;
  const left = 1 - bad / (events * 0.05);
  const of = (name: string) => `sum(objective:${name}{window="${window}"})`;
  return [
    { at: `${DAYS}d`, expr: `round((1 - ${of('success:ratio')}) * ${events}, 1e-3)`, is: bad },
    { at: `${DAYS}d`, expr: rounded(of('error_budget_remaining:ratio')), is: Number(left.toFixed(6)) },
    {
      at: `${DAYS}d`,
      expr: `round(${of('error_budget_exhaustion:seconds')})`,
      is: Math.round((left * Number.parseInt(window, 10) * 86_400) / 2),
    },
  ];
}

export const longWindowCases: readonly ObjectiveCase[] = [
  {
    what: 'one event in five is bad, and burns in the last two hours: fires after three quarters of a day',
    recorded: 'counts',
    every: '5m',
    runs: '5m',
    objectives: success,
    series: {
      ...counted('0x299 2x699'),
      [burning('2h')]: '4x700 3x300',
      [burning('6h')]: '1x1000',
    },
    silent: { ObjectiveBurnsSlowly: ['25h', '42h55m', '58h25m'] },
    fires: { ObjectiveBurnsSlowly: ['43h', '58h20m'] },
    expect: [
      { at: '42h55m', expr: burn('1d'), is: 3 },
      { at: '42h55m', expr: burn('3d'), is: 1.674419 },
    ],
    says: {
      labels: { severity: 'warning', service: 'celery-worker', objective: 'pipeline-success' },
      description:
        'The error budget of pipeline-success (95% over 30d) burns 3.0 times as fast as it may. -67.89% of it is left.',
    },
  },
  {
    what: 'one event in ten is bad, and burns in the last six hours: fires after a day and a half',
    recorded: 'counts',
    every: '5m',
    runs: '5m',
    objectives: success,
    series: {
      ...counted('0x899 1x699'),
      [burning('2h')]: '2x1600',
      [burning('6h')]: '1.1x1400 1x300',
    },
    silent: { ObjectiveBurnsSlowly: ['75h', '110h55m', '116h45m'] },
    fires: { ObjectiveBurnsSlowly: ['111h', '116h40m'] },
    expect: [{ at: '110h55m', expr: burn('3d'), is: 1 }],
  },
  {
    what: 'four bad events in one day or three days do not fire, five do',
    recorded: 'counts',
    every: '5m',
    runs: '5m',
    objectives: success,
    series: {
      ...counted('0x299 1x3 0x9 1 0x600', 'pipeline-success', '0x299 1x3 0x9 1 0x600'),
      [burning('2h')]: '20x1000',
      [burning('6h')]: '20x1000',
    },
    silent: { ObjectiveBurnsSlowly: ['25h', '26h'] },
    fires: { ObjectiveBurnsSlowly: ['26h10m'] },
  },
  {
    what: 'five bad events, and then four, in the windows of one day and of two hours',
    recorded: 'counts',
    every: '5m',
    runs: '5m',
    objectives: success,
    series: { ...fiveAndFour(360), [burning('2h')]: '20x1000', [burning('6h')]: '0x1000' },
    silent: { ObjectiveBurnsSlowly: ['50h30m', '56h30m'] },
    fires: { ObjectiveBurnsSlowly: ['49h'] },
  },
  {
    what: 'five bad events, and then four, in the windows of three days and of six hours',
    recorded: 'counts',
    every: '5m',
    runs: '5m',
    objectives: success,
    series: { ...fiveAndFour(960), [burning('2h')]: '0x2000', [burning('6h')]: '20x2000' },
    silent: { ObjectiveBurnsSlowly: ['99h', '107h'] },
    fires: { ObjectiveBurnsSlowly: ['66h'] },
  },
  {
    what: 'all four windows burn: the text gives the rate of the faster long window',
    recorded: 'counts',
    every: '5m',
    runs: '5m',
    objectives: success,
    series: { ...counted('0x575 3x500'), [burning('2h')]: '0x863 20x100', [burning('6h')]: '0x863 20x100' },
    silent: { ObjectiveBurnsSlowly: ['71h55m'] },
    fires: { ObjectiveBurnsSlowly: ['72h'] },
    says: {
      labels: { severity: 'warning', service: 'celery-worker', objective: 'pipeline-success' },
      description:
        'The error budget of pipeline-success (95% over 30d) burns 6.0 times as fast as it may. -100.5% of it is left.',
    },
  },
  {
    what: 'nothing happens in a month: the whole budget is left, and there is no success ratio',
    recorded: 'counts',
    every: '15m',
    runs: '6h',
    objectives: promises,
    series: ofEachPromise((name) => counted('0x40000', name, '0x40000')),
    expect: [
      { at: '40d', expr: 'sum(objective:error_budget_remaining:ratio)', is: 4 },
      { at: '40d', expr: 'objective:success:ratio' },
      { at: '40d', expr: 'objective:burn_rate:ratio' },
    ],
  },
  {
    what: 'windows of 7, 28, 30 and 90 days: each counts the bad events of its own days',
    recorded: 'counts',
    every: '15m',
    runs: '6h',
    objectives: promises,
    series: ofEachPromise((name) => ({ ...counted(badAtAges(), name), [burning('1h', name)]: '2x40000' })),
    expect: [...kept('7d', 3), ...kept('28d', 15), ...kept('30d', 63), ...kept('90d', 255)],
  },
];
