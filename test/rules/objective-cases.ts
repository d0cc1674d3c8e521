/**
 * Cases of objectives: counters with a sample each minute, the values that the rules must record, and when alerts must fire. Data only.
 */
import { published, unpublished } from './alert-cases/series.ts';
import { longWindowCases } from './long-window-cases.ts';
import type { ObjectiveCase } from './objective-case.ts';
import { burning, of, recordedOf } from './series-text.ts';

/** Writes a counter that starts at 0. Each piece is a number of minutes and the number of events in each of these minutes. */
function counts(...pieces: readonly (readonly [minutes: number, perMinute: number])[]): string {
  let value = 0;
  const texts = pieces.map(([minutes, perMinute]) => {
    const text = `${value + perMinute}+${perMinute}x${minutes - 1}`;
    value += minutes * perMinute;
    return text;
  });
  return `0 ${texts.join(' ')}`;
}

const up = of('celery-worker', 'up');
const started = of('celery-worker', 'process_start_time_seconds');
/** Series of a process that started before Prometheus did, and responds to every scrape. */
const healthy = { [up]: '1x20000', [started]: '-100000x20000' };
const executions = (status: string, labels: Readonly<Record<string, string>> = {}, instance?: string) =>
  of(
    'celery-worker',
    'pipeline_executions_total',
    { status, pipeline_id: 'p1', trigger_mode: 'signal', ...labels },
    instance,
  );
const good = executions('success');
const bad = executions('failed');

const ended = of('celery-worker', 'pipeline_execution_duration_seconds_count', {
  status: 'success',
  pipeline_id: 'p1',
});
const endedWithin = (le: string) =>
  of('celery-worker', 'pipeline_execution_duration_seconds_bucket', { status: 'success', pipeline_id: 'p1', le });
const requests = (status_code: string) =>
  of('backend', 'http_server_request_duration_seconds_count', { status_code, route: '/a', method: 'GET' });

/**
 * Builds the series of two processes that are first scraped at 1200 s and count no events afterwards. At 1200 s, one
 * process is four minutes old and the other one six minutes.
 */
function foundLate(service: string, counters: Readonly<Record<string, number>>): Record<string, string> {
  const old = `${service}-old:8001`;
  const counted = Object.entries(counters).flatMap(([name, value]) => [
    [name, `_x20 ${value}x40`],
    [name.replace(`${service}:8001`, old), '_x20 1000x40'],
  ]);
  return {
    [of(service, 'up')]: '_x20 1x40',
    [of(service, 'process_start_time_seconds')]: '_x20 960x40',
    [of(service, 'up', {}, old)]: '_x20 1x40',
    [of(service, 'process_start_time_seconds', {}, old)]: '_x20 840x40',
    ...Object.fromEntries(counted),
  };
}

/** An objective on a histogram of a user; the catalogue does not know its buckets. */
const timely = (name: string, le: string, where = '') => ({
  name,
  target: 90,
  indicator: { custom: { total: 'done_seconds_count', good: `done_seconds_bucket{le="${le}"${where}}` } },
});
const timelyByExpression = (name: string, le: string) => ({
  name,
  target: 90,
  indicator: {
    custom: {
      total: 'increase(done_seconds_count[$window])',
      good: `increase(done_seconds_bucket{le="${le}"}[$window])`,
    },
  },
});
const target = 'job="mine",instance="m:1",namespace="desk"';
/** Ten events a minute: five within 5 s, eight within 10 s. */
const timelySeries = {
  [`up{${target}}`]: '1x90',
  [`done_seconds_count{${target}}`]: '0+10x90',
  [`done_seconds_bucket{le="5.0",${target}}`]: '0+5x90',
  [`done_seconds_bucket{le="10",${target}}`]: '0+8x90',
  [`done_seconds_bucket{le="+Inf",${target}}`]: '0+10x90',
};

const success = [{ name: 'pipeline-success' }];
/** Counts the buckets that exist in place of a missing one, under all the labels that name its objective. */
const missing = (objective: string, le: string) =>
  `count(objective:bucket_missing:info{namespace="desk",tradingpipeline="tp",objective="${objective}",metric="done_seconds_bucket",wanted="le=\\"${le}\\""})`;
const counted = (name: string, minutes: number, kind = 'events') =>
  // The range is one second shorter than the window, because Prometheus 2 would include the sample at the start of the
  // window.
  `sum(sum_over_time(objective:${kind}:increase1m{objective="${name}"}[${minutes * 60 - 1}s]))`;
const events = (minutes: number) => counted('pipeline-success', minutes);
const badEvents = (minutes: number) => counted('pipeline-success', minutes, 'bad_events');
const burnOf = (name: string, window: string) =>
  `sum(objective:burn_rate:ratio{objective="${name}",window="${window}"})`;
const burn = (window: string) => burnOf('pipeline-success', window);
const burningAt = (name: string, window: string) => `round(${burnOf(name, window)}, 0.001)`;
const left = 'sum(objective:error_budget_remaining:ratio)';

export const objectiveCases: readonly ObjectiveCase[] = [
  ...longWindowCases,
  {
    what: 'every event is bad: the pair of 1h and 5m fires',
    objectives: success,
    series: { ...healthy, [good]: counts([180, 10], [200, 0]), [bad]: counts([180, 0], [60, 10], [140, 0]) },
    silent: { ObjectiveBurnsFast: ['3h43m'] },
    fires: { ObjectiveBurnsFast: ['3h44m', '4h'] },
    expect: [
      { at: '3h44m', expr: events(60), is: 600 },
      { at: '3h44m', expr: badEvents(60), is: 440 },
      { at: '3h44m', expr: burningAt('pipeline-success', '2h'), is: 7.333 },
    ],
    says: {
      labels: { severity: 'critical', service: 'celery-worker', objective: 'pipeline-success' },
      description:
        'The error budget of pipeline-success (95% over 30d) burns 14.7 times as fast as it may. -263.6% of it is left.',
    },
  },
  {
    what: 'two fifths are bad: the pair of 6h and 30m fires',
    objectives: success,
    series: { ...healthy, [good]: counts([360, 10], [300, 6]), [bad]: counts([360, 0], [300, 4]) },
    silent: { ObjectiveBurnsFast: ['10h30m'] },
    fires: { ObjectiveBurnsFast: ['10h31m'] },
  },
  {
    what: 'one in five is bad: the pair of 1d and 2h fires',
    objectives: success,
    series: {
      ...healthy,
      [good]: counts([2880, 30], [1400, 8], [140, 10]),
      [bad]: counts([2880, 0], [1400, 2], [140, 0]),
    },
    silent: { ObjectiveBurnsSlowly: ['69h35m', '73h30m'], ObjectiveBurnsFast: ['69h35m', '70h'] },
    fires: { ObjectiveBurnsSlowly: ['69h40m'] },
    says: {
      labels: { severity: 'warning', service: 'celery-worker', objective: 'pipeline-success' },
      description:
        'The error budget of pipeline-success (95% over 30d) burns 3.0 times as fast as it may. 47.69% of it is left.',
    },
  },
  {
    what: 'one in ten is bad: the pair of 3d and 6h fires',
    objectives: success,
    series: { ...healthy, [good]: counts([1440, 10], [1500, 9]), [bad]: counts([1440, 0], [1500, 1]) },
    silent: { ObjectiveBurnsSlowly: ['48h'], ObjectiveBurnsFast: ['48h', '49h'] },
    fires: { ObjectiveBurnsSlowly: ['48h5m'] },
  },
  {
    what: 'failures end, and the short window ends the alert at once',
    objectives: success,
    series: { ...healthy, [good]: counts([300, 10], [50, 0], [60, 10]), [bad]: counts([300, 0], [50, 10], [60, 0]) },
    fires: { ObjectiveBurnsFast: ['5h50m', '5h51m'] },
    silent: { ObjectiveBurnsFast: ['5h56m', '6h30m'] },
  },
  {
    what: 'traffic stops after failures: no alert',
    objectives: success,
    series: { ...healthy, [good]: counts([60, 10], [500, 0]), [bad]: counts([60, 0], [50, 10], [500, 0]) },
    fires: { ObjectiveBurnsFast: ['1h50m'] },
    silent: { ObjectiveBurnsFast: ['2h21m', '8h'] },
    expect: [
      { at: '1h2m', expr: burningAt('pipeline-success', '5m'), is: 8 },
      { at: '1h10m', expr: burningAt('pipeline-success', '30m'), is: 6.667 },
      { at: '2h21m', expr: burn('30m') },
      { at: '2h21m', expr: burn('1h'), is: 20 },
    ],
  },
  {
    what: 'no events at all: no NaN, and the whole budget is left',
    objectives: success,
    series: { ...healthy, [good]: '0x300', [bad]: '0x300' },
    silent: { ObjectiveBurnsFast: ['10m', '5h'], ObjectiveBurnsSlowly: ['10m', '5h'] },
    idle: true,
    expect: [
      { at: '5h', expr: 'count(objective:burn_rate:ratio)' },
      { at: '5h', expr: 'count(objective:success:ratio)' },
      { at: '5h', expr: left, is: 1 },
      // The sum is the budget (0.05) plus the budget that is left (1). If either were NaN, the sum would be NaN.
      { at: '5h', expr: 'sum({__name__=~"objective:.+"})', is: 1.05 },
    ],
  },
  {
    what: 'no metric at all: no alert and no success ratio',
    objectives: success,
    series: healthy,
    silent: { ObjectiveBurnsFast: ['2h'], ObjectiveBurnsSlowly: ['2h'] },
    expect: [
      {
        at: '2h',
        expr: 'count({__name__=~"objective:(events|bad_events|burn_rate|success|error_budget_remaining).*"})',
      },
    ],
  },
  {
    what: 'four failures do not fire, five do',
    objectives: success,
    series: { ...healthy, [good]: '0x90', [bad]: counts([56, 0], [1, 4], [2, 0], [1, 1], [30, 0]) },
    silent: { ObjectiveBurnsFast: ['59m'] },
    fires: { ObjectiveBurnsFast: ['1h'] },
  },
  {
    what: 'a target at which a burn rate of 14.4 is impossible: an outage still fires',
    objectives: [{ name: 'pipeline-success', target: 80 }],
    series: { ...healthy, [good]: counts([60, 10], [60, 0]), [bad]: counts([60, 0], [60, 10]) },
    silent: { ObjectiveBurnsFast: ['1h50m'] },
    fires: { ObjectiveBurnsFast: ['1h51m'] },
  },
  {
    what: 'uneven load: few events at night, of which a fifth fails, and many by day (where averages of ratios mislead)',
    objectives: success,
    series: {
      ...healthy,
      [good]: counts([720, 1000], [720, 8], [720, 1000], [720, 8]),
      [bad]: counts([720, 0], [720, 2], [720, 0], [720, 2]),
    },
    silent: { ObjectiveBurnsSlowly: ['24h', '48h'], ObjectiveBurnsFast: ['24h', '48h'] },
    expect: [
      { at: '48h', expr: `round(${burn('1d')}, 0.0001)`, is: 0.0396 },
      { at: '48h', expr: `round(avg_over_time(${burn('5m')}[1d:1m]), 0.1)`, is: 2 },
    ],
  },
  {
    what: 'the exact budget: 20 bad events of 1000 over 7d, of which 50 may be bad',
    objectives: [{ name: 'pipeline-success', window: '7d' }],
    series: { ...healthy, [good]: counts([98, 10], [400, 0]), [bad]: counts([20, 1], [400, 0]) },
    expect: [
      { at: '3h', expr: `round(${left} * 1e6)`, is: 600_000 },
      { at: '3h', expr: 'sum(objective:success:ratio{window="7d"})', is: 0.98 },
      { at: '40m', expr: 'sum(objective:events:increase5m)', is: 50 },
      { at: '3h', expr: 'sum(sum_over_time(objective:events:increase5m[7d]))', is: 1000 },
      { at: '3h', expr: 'sum(objective:error_budget_exhaustion:seconds)' },
    ],
  },
  {
    what: 'rules that run late in their minute still record the counts of five minutes',
    runs: '250s',
    objectives: success,
    series: { ...healthy, [good]: '0+10x60', [bad]: '0x60' },
    // The rule records only in the first minute of each five-minute step. The four evaluations until 1000 s are not in
    // such a minute; the one at 1250 s is, because a step begins at 1200 s.
    expect: [
      { at: '1000s', expr: 'count(objective:events:increase5m)' },
      { at: '1250s', expr: 'count(objective:events:increase5m)', is: 1 },
      { at: '1250s', expr: 'count(objective:bad_events:increase5m)', is: 1 },
    ],
  },
  {
    what: 'the time until the budget is spent: half the allowed pace, with half of the budget left',
    objectives: [{ name: 'pipeline-success', window: '7d' }],
    series: { ...healthy, [good]: counts([120, 39]), [bad]: counts([120, 1]) },
    expect: [{ at: '2h', expr: 'round(sum(objective:error_budget_exhaustion:seconds))', is: 604_800 }],
  },
  {
    what: 'the process restarts: only its new events count',
    every: '15s',
    objectives: success,
    series: {
      [up]: '1x19 0x1 1x60',
      [started]: '-9000x19 _x1 305x60',
      [good]: '0+10x19 _x1 7 9x59',
      [bad]: '0x19 _x1 3 3x59',
    },
    expect: [
      { at: '10m', expr: events(10), is: 190 + 12 },
      { at: '10m', expr: badEvents(10), is: 3 },
    ],
  },
  {
    what: 'a process that does not say when it started is gone for minutes and restarts: its counters are smaller than before',
    objectives: success,
    series: {
      [up]: '1x30 0x4 1x60',
      [good]: '0+10x30 stale _x4 4+10x24',
      [bad]: '5x30 stale _x4 2x24',
    },
    expect: [
      { at: '1h', expr: events(60), is: 300 + 4 + 240 + 2 },
      { at: '1h', expr: badEvents(60), is: 2 },
    ],
  },
  {
    what: 'the process crashes every minute after its first failure: the same counter value is a new event each time',
    objectives: success,
    series: { [up]: '1x30', [started]: '-30+60x30', [bad]: '1x30' },
    expect: [
      { at: '30m', expr: badEvents(20), is: 20 },
      { at: '30m', expr: events(20), is: 20 },
    ],
  },
  {
    what: 'two processes restarted within the last minute, one fifty seconds ago: the events of each count once',
    objectives: success,
    series: {
      [up]: '1x40',
      [started]: '-100000x10 610x30',
      [good]: '3x10 3x30',
      [bad]: '5x10 5x30',
      [of('celery-worker', 'up', {}, 'other:8001')]: '1x40',
      [of('celery-worker', 'process_start_time_seconds', {}, 'other:8001')]: '-100000x10 650x30',
      [executions('success', {}, 'other:8001')]: '7x10 2x30',
      [executions('failed', {}, 'other:8001')]: '6x10 1 5x29',
    },
    expect: [
      { at: '30m', expr: events(30), is: 3 + 5 + 2 + 5 },
      { at: '30m', expr: badEvents(30), is: 5 + 5 },
    ],
  },
  {
    what: 'a pod takes over from another: both count',
    every: '15s',
    objectives: success,
    series: {
      [up]: '1x20 stale',
      [started]: '-9000x20 stale',
      [good]: '0+5x20 stale',
      [of('celery-worker', 'up', {}, 'new:8001')]: '_x22 1x60',
      [of('celery-worker', 'process_start_time_seconds', {}, 'new:8001')]: '_x22 290x60',
      [executions('success', {}, 'new:8001')]: '_x22 40 40x59',
    },
    expect: [{ at: '10m', expr: events(10), is: 140 }],
  },
  {
    what: 'a new series with the value 1 in a running process',
    objectives: success,
    series: {
      ...healthy,
      [good]: '0x60',
      [executions('success', { pipeline_id: 'new' })]: '_x30 1x30',
      [executions('failed', { pipeline_id: 'new' })]: '_x30 1x30',
    },
    expect: [
      { at: '1h', expr: events(60), is: 2 },
      { at: '1h', expr: badEvents(60), is: 1 },
    ],
  },
  {
    what: 'a first failure, in processes that run',
    objectives: [{ name: 'publish-success' }, { name: 'api-availability' }],
    series: {
      [of('signal-generator', 'up')]: '1x60',
      [published]: '_x30 1x30',
      [unpublished]: '_x30 1x30',
      [of('backend', 'up')]: '1x60',
      [requests('503')]: '_x30 1x30',
    },
    expect: [
      { at: '1h', expr: counted('publish-success', 60), is: 2 },
      { at: '1h', expr: counted('publish-success', 60, 'bad_events'), is: 1 },
      { at: '1h', expr: counted('api-availability', 60), is: 1 },
      { at: '1h', expr: counted('api-availability', 60, 'bad_events'), is: 1 },
    ],
  },
  {
    what: 'nothing has ever failed: without a series of failures there are 0 bad events',
    objectives: [{ name: 'pipeline-success' }, { name: 'publish-success' }, { name: 'api-availability' }],
    series: { ...healthy, [good]: '0+1x60', [published]: '0+1x60', [requests('200')]: '0+1x60' },
    expect: ['pipeline-success', 'publish-success', 'api-availability'].map((name) => ({
      at: '40m',
      expr: counted(name, 30, 'bad_events'),
      is: 0,
    })),
  },
  {
    what: 'a process that Prometheus first scrapes minutes after its start: its events count if it is younger than five minutes',
    objectives: [{ name: 'pipeline-success' }, { name: 'publish-success' }, { name: 'api-availability' }],
    series: {
      ...foundLate('celery-worker', { [good]: 7, [bad]: 1 }),
      ...foundLate('signal-generator', { [published]: 5, [unpublished]: 3 }),
      ...foundLate('backend', { [requests('200')]: 9, [requests('503')]: 2 }),
    },
    expect: [
      { at: '40m', expr: counted('pipeline-success', 30), is: 8 },
      { at: '40m', expr: counted('pipeline-success', 30, 'bad_events'), is: 1 },
      { at: '40m', expr: counted('publish-success', 30), is: 8 },
      { at: '40m', expr: counted('publish-success', 30, 'bad_events'), is: 3 },
      { at: '40m', expr: counted('api-availability', 30), is: 11 },
      { at: '40m', expr: counted('api-availability', 30, 'bad_events'), is: 2 },
    ],
  },
  {
    what: 'an old process that Prometheus scrapes for the first time: its past events do not count',
    objectives: success,
    series: {
      [up]: '_x30 1x60',
      [started]: '_x30 -100000x60',
      [good]: '_x30 5000+1x60',
      [bad]: '_x30 90000x60',
    },
    silent: { ObjectiveBurnsFast: ['31m', '40m', '1h20m'] },
    expect: [
      { at: '1h20m', expr: badEvents(60), is: 0 },
      { at: '1h20m', expr: events(60), is: 50 },
    ],
  },
  {
    what: 'ten minutes without a scrape: the events of the gap count once',
    objectives: success,
    series: {
      [up]: '1x20 0x9 1x60',
      [started]: '-100000x20 stale _x9 -100000x60',
      [good]: '0+10x20 stale _x9 310+10x59',
      [bad]: '0x20 stale _x9 5x59',
    },
    expect: [
      { at: '1h', expr: events(60), is: 310 + 290 + 5 },
      { at: '1h', expr: badEvents(60), is: 5 },
    ],
  },
  {
    what: 'an hour without a scrape: the events of the gap do not count, and those of another process do',
    objectives: success,
    series: {
      [up]: '1x20 0x59 1x60',
      [started]: '-100000x20 stale _x59 -100000x60',
      [good]: '0+10x20 stale _x59 2000+10x60',
      [bad]: '0x20 stale _x59 900x60',
      [of('celery-worker', 'up', {}, 'other:8001')]: '1x140',
      [executions('failed', {}, 'other:8001')]: '0x80 7x60',
    },
    expect: [
      { at: '2h', expr: events(120), is: 200 + 390 + 7 },
      { at: '2h', expr: badEvents(120), is: 7 },
    ],
  },
  {
    what: 'nothing has ever succeeded, and now nothing happens: minutes without a failure have 0 bad events',
    objectives: success,
    series: { ...healthy, [bad]: '0x20 1+1x9 10x60' },
    expect: [
      { at: '1h', expr: events(60), is: 10 },
      { at: '1h', expr: badEvents(60), is: 10 },
    ],
  },
  {
    what: 'five events at once: each window counts them for the length of the window',
    recorded: 'burn rates',
    objectives: success,
    series: {
      [recordedOf('events:increase1m', 'pipeline-success')]: '0x99 5 0x1000',
      [burning('1h')]: '20x169 0x1000',
      [burning('5m')]: '20x152 12x4 20x1000',
      [burning('6h')]: '0x139 10x12 0x17 10x1000',
      [burning('30m')]: '0x139 10x12 0x17 10x234 5x10 10x1000',
    },
    silent: { ObjectiveBurnsFast: ['1h39m', '2h35m', '2h45m', '6h50m', '7h50m', '11h40m'] },
    fires: { ObjectiveBurnsFast: ['2h30m', '6h40m'] },
    says: {
      labels: { severity: 'critical', service: 'celery-worker', objective: 'pipeline-success' },
      description: 'The error budget of pipeline-success (95% over 30d) burns 20.0 times as fast as it may.',
    },
  },
  {
    what: 'three hours without a scrape: the events of the gap do not count, and cause no alert',
    objectives: success,
    series: {
      [up]: '1x20 0x179 1x90',
      [started]: '-100000x20 stale _x179 -100000x90',
      [good]: '0+10x20 stale _x179 2000+10x90',
      [bad]: '0x20 stale _x179 900x90',
    },
    silent: { ObjectiveBurnsFast: ['3h22m', '3h30m', '4h40m'] },
    expect: [{ at: '4h20m', expr: badEvents(240), is: 0 }],
  },
  {
    what: 'executions that take too long, with the bucket bound as Prometheus 2 and 3 write it',
    objectives: [
      { name: 'pipeline-latency' },
      { name: 'fast', target: 50, indicator: { pipelineLatency: { below: '500ms' } } },
    ],
    series: {
      ...healthy,
      [of('celery-worker', 'pipeline_execution_duration_seconds_count', { status: 'success', pipeline_id: 'p1' })]:
        '0+20x60',
      [of('celery-worker', 'pipeline_execution_duration_seconds_bucket', {
        status: 'success',
        pipeline_id: 'p1',
        le: '0.5',
      })]: '0+5x60',
      [of('celery-worker', 'pipeline_execution_duration_seconds_bucket', {
        status: 'success',
        pipeline_id: 'p1',
        le: '10',
      })]: '0+9x60',
      [of('celery-worker', 'pipeline_execution_duration_seconds_count', { status: 'failed', pipeline_id: 'p1' })]:
        '0+1x60',
      [of('celery-worker', 'pipeline_execution_duration_seconds_bucket', {
        status: 'failed',
        pipeline_id: 'p1',
        le: '10.0',
      })]: '0+1x60',
    },
    expect: [
      { at: '1h', expr: counted('pipeline-latency', 30), is: 630 },
      { at: '1h', expr: counted('pipeline-latency', 30, 'bad_events'), is: 330 },
      { at: '1h', expr: counted('fast', 30, 'bad_events'), is: 480 },
      { at: '1h', expr: burningAt('fast', '30m'), is: 1.524 },
    ],
  },
  {
    what: 'signals that cannot be published: failures count even when nothing has ever succeeded',
    objectives: [{ name: 'publish-success' }],
    series: {
      [of('signal-generator', 'up')]: '1x60',
      [of('signal-generator', 'kafka_publish_failure_total', { signal_type: 'rsi', error_type: 'timeout' })]:
        '0x30 1+1x30',
    },
    fires: { ObjectiveBurnsFast: ['36m', '1h'] },
    silent: { ObjectiveBurnsFast: ['30m', '34m'] },
    expect: [{ at: '1h', expr: counted('publish-success', 20), is: 20 }],
  },
  {
    what: 'requests that are answered by a 5xx',
    objectives: [{ name: 'api-availability' }],
    series: {
      [of('backend', 'up')]: '1x90',
      [of('backend', 'http_server_request_duration_seconds_count', { status_code: '200', route: '/a', method: 'GET' })]:
        '0+9x90',
      [of('backend', 'http_server_request_duration_seconds_count', { status_code: '404', route: '/a', method: 'GET' })]:
        '0+1x90',
      [of('backend', 'http_server_request_duration_seconds_count', { status_code: '503', route: '/a', method: 'GET' })]:
        '0x60 1+1x30',
    },
    silent: { ObjectiveBurnsFast: ['1h20m'] },
    fires: { ObjectiveBurnsFast: ['1h30m'] },
    expect: [
      { at: '1h20m', expr: counted('api-availability', 10), is: 110 },
      { at: '1h20m', expr: counted('api-availability', 10, 'bad_events'), is: 10 },
    ],
  },
  {
    what: 'executions begin to take too long, all of them, and are fast again',
    objectives: [{ name: 'pipeline-latency' }],
    series: {
      ...healthy,
      [ended]: counts([300, 10]),
      [endedWithin('10')]: counts([180, 10], [60, 0], [60, 10]),
    },
    silent: { ObjectiveBurnsFast: ['3h43m', '4h7m'] },
    fires: { ObjectiveBurnsFast: ['3h44m', '4h'] },
  },
  {
    what: 'publishing fails, and then succeeds again',
    objectives: [{ name: 'publish-success' }],
    series: {
      [of('signal-generator', 'up')]: '1x300',
      [of('signal-generator', 'process_start_time_seconds')]: '-100000x300',
      [published]: counts([180, 10], [30, 0], [60, 10]),
      [unpublished]: counts([180, 0], [30, 10], [60, 0]),
    },
    silent: { ObjectiveBurnsFast: ['3h', '4h10m'] },
    fires: { ObjectiveBurnsFast: ['3h1m', '3h30m'] },
  },
  {
    what: 'every request is answered by a 5xx, for half an hour',
    objectives: [{ name: 'api-availability' }],
    series: {
      [of('backend', 'up')]: '1x300',
      [of('backend', 'process_start_time_seconds')]: '-100000x300',
      [requests('200')]: counts([180, 10], [30, 0], [60, 10]),
      [requests('503')]: counts([180, 0], [30, 10], [60, 0]),
    },
    silent: { ObjectiveBurnsFast: ['3h4m', '4h10m'] },
    fires: { ObjectiveBurnsFast: ['3h5m', '3h30m'] },
  },
  {
    what: 'nothing is published, executed or asked for',
    objectives: [{ name: 'pipeline-latency' }, { name: 'publish-success' }, { name: 'api-availability' }],
    series: {
      ...healthy,
      [ended]: '0x120',
      [endedWithin('10')]: '0x120',
      [published]: '9x120',
      [unpublished]: '0x120',
      [requests('503')]: '4x120',
    },
    silent: { ObjectiveBurnsFast: ['10m', '2h'], ObjectiveBurnsSlowly: ['10m', '2h'] },
    idle: true,
  },
  {
    what: 'custom events of a user, by selector and by expression',
    objectives: [
      {
        name: 'selected',
        target: 90,
        indicator: { custom: { total: 'done_total', bad: 'done_total{how=~"bad|worse"} # too bad' } },
      },
      {
        name: 'expressed',
        target: 90,
        indicator: {
          custom: {
            total: 'sum(increase(done_total[$window]))',
            good: 'sum(increase(done_total{how="good"}[$window])) # fine',
          },
        },
      },
      {
        name: 'by-rate',
        target: 90,
        indicator: {
          custom: { total: 'sum(rate(done_total[$window]))', bad: 'sum(rate(done_total{how="bad"}[$window]))' },
        },
      },
    ],
    series: {
      'up{job="mine",instance="m:1",namespace="desk"}': '1x90',
      'done_total{how="good",job="mine",instance="m:1",namespace="desk"}': '0+8x90',
      'done_total{how="bad",job="mine",instance="m:1",namespace="desk"}': '0+2x90',
    },
    expect: [
      { at: '1h', expr: counted('selected', 30), is: 300 },
      { at: '1h', expr: counted('selected', 30, 'bad_events'), is: 60 },
      { at: '1h', expr: `round(${counted('expressed', 30)})`, is: 300 },
      { at: '1h', expr: `round(${counted('expressed', 30, 'bad_events')})`, is: 60 },
      { at: '1h', expr: `round(${counted('by-rate', 30)})`, is: 300 },
      { at: '1h', expr: `round(${counted('by-rate', 30, 'bad_events')})`, is: 60 },
      ...['selected', 'expressed', 'by-rate'].map((name) => ({ at: '1h', expr: burningAt(name, '30m'), is: 2 })),
    ],
  },
  {
    what: 'custom events of a user, of which none has ever been bad',
    objectives: [
      {
        name: 'selected',
        target: 90,
        indicator: { custom: { total: 'done_total', bad: 'done_total{how=~"bad|worse"} # too bad' } },
      },
    ],
    series: {
      'up{job="mine",instance="m:1",namespace="desk"}': '1x90',
      'done_total{how="good",job="mine",instance="m:1",namespace="desk"}': '0+8x90',
    },
    expect: [{ at: '1h', expr: counted('selected', 30, 'bad_events'), is: 0 }],
  },
  {
    what: 'a bucket of a user that is written 5 and stored as 5.0, or the other way around',
    objectives: [timely('five', '5'), timely('decimal', '10.0')],
    series: timelySeries,
    expect: [
      { at: '1h', expr: counted('five', 30), is: 300 },
      { at: '1h', expr: counted('five', 30, 'bad_events'), is: 150 },
      { at: '1h', expr: counted('decimal', 30, 'bad_events'), is: 60 },
      { at: '1h', expr: 'count(objective:bucket_missing:info)' },
    ],
  },
  {
    what: 'a bucket of a user that does not exist: no alert, and the buckets that exist',
    objectives: [timely('mistyped', '7'), timelyByExpression('expressed', '0.7')],
    series: timelySeries,
    silent: { ObjectiveBurnsFast: ['30m', '1h', '80m'] },
    expect: [
      { at: '1h', expr: counted('mistyped', 30), is: 300 },
      { at: '1h', expr: counted('mistyped', 30, 'bad_events') },
      { at: '1h', expr: counted('expressed', 30, 'bad_events') },
      { at: '1h', expr: 'count(objective:bucket_missing:info{objective="mistyped",wanted="le=\\"7\\""})', is: 3 },
      { at: '1h', expr: 'sum(objective:bucket_missing:info{objective="expressed",le="5.0"})', is: 1 },
      { at: '1h', expr: missing('expressed', '0.7'), is: 3 },
    ],
  },
  {
    what: 'buckets that exist somewhere else have gone here: each is named with its labels',
    objectives: [timely('five', '5'), timely('decimal', '10.0'), timely('all-bad', '5', ',how="good"')],
    series: {
      [`up{${target}}`]: '1x90',
      [`done_seconds_count{${target}}`]: '0+10x90',
      [`done_seconds_bucket{le="+Inf",${target}}`]: '0+10x90',
    },
    expect: [
      { at: '1h', expr: missing('five', '5'), is: 1 },
      { at: '1h', expr: missing('decimal', '10.0'), is: 1 },
      { at: '1h', expr: missing('all-bad', '5'), is: 1 },
    ],
  },
  {
    what: 'a bucket of a user that exists after all: nothing is missing',
    objectives: [timely('mistyped', '7'), timelyByExpression('expressed', '0.7')],
    series: {
      ...timelySeries,
      [`done_seconds_bucket{le="0.7",${target}}`]: '0+1x90',
      [`done_seconds_bucket{le="7.0",${target}}`]: '0+6x90',
    },
    expect: [{ at: '1h', expr: 'count(objective:bucket_missing:info)' }],
  },
  {
    what: 'a bucket of a user that exists, but never for good events: every event is bad',
    objectives: [timely('all-bad', '5', ',how="good"')],
    series: timelySeries,
    expect: [{ at: '1h', expr: counted('all-bad', 30, 'bad_events'), is: 300 }],
    fires: { ObjectiveBurnsFast: ['1h'] },
  },
];
