import { alerts } from '#catalogue/alerts.ts';
import { buildBars, buildHistogram } from '../kinds/bar-gauge.ts';
import { buildGauge, buildSuccessGauge } from '../kinds/gauge.ts';
import { amountSteps, limitSteps } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { toServiceOfSeries } from '../onward.ts';
import * as stores from '../queries/stores.ts';

/** Postgres and Redis, as the services that ask them see them. */
export const poolPanel = buildTimeSeries({
  title: 'Database pool in use',
  description:
    'Connections to Postgres in use, of those the pools may open, by service. The dashed line: at all of them the next query ' +
    'waits. High with fast queries: a larger pool; with slow ones: the queries.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: stores.poolUse, legend: '{{job}}' }],
  limit: 1,
  whenEmpty: 'No pool is reported',
  onward: toServiceOfSeries,
});

export const queryHistogramPanel = buildHistogram({
  title: 'Database query duration',
  description:
    'How many queries of the summary window took how long: a bar a bucket, named by its upper bound in seconds. A second hump ' +
    'to the right: some queries lack an index or wait for a lock.',
  unit: 'short',
  query: { ask: stores.queryHistogram, legend: '{{le}}' },
  whenEmpty: 'No queries',
});

export const queryDurationPanel = buildQuantiles({
  title: 'Database query duration P50, P95, P99',
  description:
    'Time of a Postgres query. P99 alone high: single queries or locks; all three: Postgres lacks CPU, memory or disk.',
  unit: 's',
  of: [stores.queryP50, stores.queryP95, stores.queryP99],
  whenEmpty: 'No queries',
});

export const queryKindPanel = buildTimeSeries({
  title: 'Database query duration P95 by kind',
  description:
    'Time of a Postgres query by its kind; 95 % are faster. Writes alone slow: locks or the disk; selects alone: plans and indexes.',
  unit: 's',
  queries: [{ ask: stores.queryP95ByKind, legend: '{{query_type}}' }],
  whenEmpty: 'No queries',
});

export const slowestTablesPanel = buildBars({
  title: 'Slowest tables, P95',
  description:
    'The ten slowest pairs of operation and table within the summary window: 95 % of those queries were faster than this. The ' +
    'first candidates for an index.',
  unit: 's',
  query: { ask: stores.slowestTables, legend: '{{operation}} {{table}}' },
  steps: amountSteps,
  whenEmpty: 'No queries',
});

export const queryRatePanel = buildTimeSeries({
  title: 'Database queries',
  description:
    'Postgres queries a second, by operation. They grow with signals and executions; faster than those: something asks in a loop.',
  unit: 'ops',
  queries: [{ ask: stores.queryRate, legend: '{{operation}}' }],
  stacked: true,
  whenEmpty: 'No queries',
});

export const queryErrorPanel = buildTimeSeries({
  title: 'Database query errors',
  description:
    'Share of the Postgres queries that failed. Short peaks: conflicts that are tried again; a plateau: Postgres refuses or ' +
    'cannot be reached, and its log says why.',
  unit: 'percentunit',
  queries: [{ ask: stores.queryErrorShare, legend: 'failed queries' }],
  whenEmpty: 'No queries',
});

/** One Redis serves about ten times as many simple commands on one core; scripts of the job queue are no simple ones. */
const BUSY_REDIS_OPS = 10_000;

export const redisRatePanel = buildGauge({
  title: 'Redis operations',
  description:
    'Redis commands a second, all services together. Yellow from half of what one Redis should be asked with the scripts of ' +
    'the job queue, red near it: look at which command grows.',
  unit: 'ops',
  decimals: 0,
  max: BUSY_REDIS_OPS,
  query: { ask: stores.redisRate },
  steps: limitSteps(0.8 * BUSY_REDIS_OPS),
  whenEmpty: 'No commands',
});

export const redisSuccessPanel = buildSuccessGauge({
  title: 'Redis success rate',
  description:
    'Share of the Redis commands of the summary window that succeeded. Below 100 %: Redis was away, full or busy with ' +
    'something long. Empty while nothing is asked.',
  query: { ask: stores.redisSuccessRatio },
  whenEmpty: 'No commands',
});

export const redisDurationPanel = buildQuantiles({
  title: 'Redis command duration P50, P95, P99',
  description:
    'Time of a Redis command. Commands that wait for a job on purpose take their time and lift P99; P50 above a few ' +
    'milliseconds: Redis is busy or far away.',
  unit: 's',
  of: [stores.redisP50, stores.redisP95, stores.redisP99],
  whenEmpty: 'No commands',
});

export const redisErrorsPanel = buildTimeSeries({
  title: 'Redis connection errors',
  description:
    'Failed or lost connections to Redis a second, by service. The dashed line is the default threshold of HighRedisErrorRate. ' +
    'One service alone: its network; all: Redis.',
  unit: 'ops',
  queries: [{ ask: stores.redisConnectionErrors, legend: '{{job}}' }],
  limit: alerts.HighRedisErrorRate.threshold,
  whenEmpty: 'No data',
  onward: toServiceOfSeries,
});
