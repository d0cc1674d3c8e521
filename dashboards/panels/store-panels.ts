/** Panels about Postgres and Redis, as measured by the services that use them. */
import { alerts } from '#catalogue/alerts.ts';
import { buildBars, buildHistogram } from '../kinds/bar-gauge.ts';
import { buildGauge, buildSuccessGauge } from '../kinds/gauge.ts';
import { amountSteps, limitSteps } from '../kinds/thresholds.ts';
import { buildQuantiles, buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import { toServiceOfSeries } from '../onward.ts';
import * as stores from '../queries/stores.ts';

const poolPanel = buildTimeSeries({
  title: 'Database pool in use',
  description:
    'Share of the connections that the pools may open which are in use, by service. At the dashed line, the next ' +
    'query waits. If queries are fast, enlarge the pool; if they are slow, look at the queries.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: stores.poolUse, legend: '{{job}}' }],
  limit: 1,
  whenEmpty: 'No pool is reported',
  onward: toServiceOfSeries,
});

const queryHistogramPanel = buildHistogram({
  title: 'Database query duration',
  description:
    'Number of queries of the summary window by how long they took: one bar for each bucket, named by its upper ' +
    'bound in seconds. A second hump to the right means that some queries lack an index or wait for a lock.',
  unit: 'short',
  query: { ask: stores.queryHistogram, legend: '{{le}}' },
  whenEmpty: 'No queries',
});

const queryDurationPanel = buildQuantiles({
  title: 'Database query duration P50, P95, P99',
  description:
    'Time of a Postgres query. If only P99 is high, look at single queries and locks. If all three are high, ' +
    'Postgres lacks CPU, memory or disk.',
  unit: 's',
  of: [stores.queryP50, stores.queryP95, stores.queryP99],
  whenEmpty: 'No queries',
});

const queryKindPanel = buildTimeSeries({
  title: 'Database query duration P95 by kind',
  description:
    '95 % of the Postgres queries of a kind are faster than this. If only writes are slow, look at locks and the ' +
    'disk. If only selects are, look at plans and indexes.',
  unit: 's',
  queries: [{ ask: stores.queryP95ByKind, legend: '{{query_type}}' }],
  whenEmpty: 'No queries',
});

const slowestTablesPanel = buildBars({
  title: 'Slowest tables, P95',
  description:
    'The ten slowest pairs of operation and table within the summary window: 95 % of their queries were faster than ' +
    'this. Consider an index on these first.',
  unit: 's',
  query: { ask: stores.slowestTables, legend: '{{operation}} {{table}}' },
  steps: amountSteps,
  whenEmpty: 'No queries',
});

const queryRatePanel = buildTimeSeries({
  title: 'Database queries',
  description:
    'Postgres queries per second, by operation. They grow with signals and executions; if they grow faster, a ' +
    'program queries in a loop.',
  unit: 'ops',
  queries: [{ ask: stores.queryRate, legend: '{{operation}}' }],
  stacked: true,
  whenEmpty: 'No queries',
});

const queryErrorPanel = buildTimeSeries({
  title: 'Database query errors',
  description:
    'Share of the Postgres queries that failed. Short peaks are conflicts that are tried again. If the share stays, ' +
    'Postgres refuses queries or cannot be reached: its log says why.',
  unit: 'percentunit',
  queries: [{ ask: stores.queryErrorShare, legend: 'failed queries' }],
  whenEmpty: 'No queries',
});

/**
 * Commands per second that one Redis should handle at most. One core handles about ten times as many simple commands, but the
 * job queue runs scripts.
 */
const BUSY_REDIS_OPS = 10_000;

const redisRatePanel = buildGauge({
  title: 'Redis operations',
  description:
    'Redis commands per second, over all services. Yellow from 40 % and red from 80 % of what one Redis should handle ' +
    'beside the scripts of the job queue. Look at which command grows.',
  unit: 'ops',
  decimals: 0,
  max: BUSY_REDIS_OPS,
  query: { ask: stores.redisRate },
  steps: limitSteps(0.8 * BUSY_REDIS_OPS),
  whenEmpty: 'No commands',
});

const redisSuccessPanel = buildSuccessGauge({
  title: 'Redis success rate',
  description:
    'Share of the Redis commands of the summary window that succeeded. Below 100 %, Redis was away, full, or busy ' +
    'with a slow command. Empty while there are no commands.',
  query: { ask: stores.redisSuccessRatio },
  whenEmpty: 'No commands',
});

const redisDurationPanel = buildQuantiles({
  title: 'Redis command duration P50, P95, P99',
  description:
    'Time of a Redis command. Commands that wait for a job on purpose raise P99. If P50 is above a few milliseconds, ' +
    'Redis is busy or far away.',
  unit: 's',
  of: [stores.redisP50, stores.redisP95, stores.redisP99],
  whenEmpty: 'No commands',
});

const redisErrorsPanel = buildTimeSeries({
  title: 'Redis connection errors',
  description:
    'Connections to Redis that failed or were lost, per second, by service. The dashed line is the default threshold ' +
    'of HighRedisErrorRate. If one service has errors, look at its network. If all have, look at Redis.',
  unit: 'ops',
  queries: [{ ask: stores.redisConnectionErrors, legend: '{{job}}' }],
  limit: alerts.HighRedisErrorRate.threshold,
  whenEmpty: 'No data',
  onward: toServiceOfSeries,
});

export const postgresSection: Section = {
  title: 'Postgres',
  lines: [
    buildLine(8, [poolPanel, 8], [queryRatePanel, 8], [queryErrorPanel, 8]),
    buildLine(8, [queryHistogramPanel, 12], [slowestTablesPanel, 12]),
    buildLine(8, [queryDurationPanel, 12], [queryKindPanel, 12]),
  ],
};

export const redisLine = buildLine(
  8,
  [redisRatePanel, 5],
  [redisSuccessPanel, 5],
  [redisDurationPanel, 7],
  [redisErrorsPanel, 7],
);
