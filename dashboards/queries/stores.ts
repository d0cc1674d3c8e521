/** Postgres and Redis, measured by the services that use them. */
import {
  bucketTotals,
  type Expression,
  largest,
  quantile,
  quantileWithin,
  rate,
  ratio,
  ratioOfEach,
  SUMMARY_WINDOW,
  sumOf,
  total,
} from './expression.ts';

export const poolUse: Expression = ratioOfEach(
  sumOf('db_active_connections', { by: ['job'] }),
  sumOf('db_pool_size', { by: ['job'] }),
);
export const queryRate = rate('database_queries_total', { by: ['operation'] });
export const queryErrorShare = ratio(
  rate('database_queries_total', { where: { status: 'error' } }),
  rate('database_queries_total'),
);
export const queryHistogram = bucketTotals('db_query_duration_seconds', SUMMARY_WINDOW);
export const queryP50 = quantile(0.5, 'db_query_duration_seconds');
export const queryP95 = quantile(0.95, 'db_query_duration_seconds');
export const queryP99 = quantile(0.99, 'db_query_duration_seconds');
export const queryP95ByKind = quantile(0.95, 'db_query_duration_seconds', { by: ['query_type'] });

export const slowestTables = largest(
  10,
  quantileWithin(0.95, 'database_query_duration_seconds', SUMMARY_WINDOW, { by: ['operation', 'table'] }),
);

export const redisRate = rate('redis_operations_total');
export const redisSuccessRatio = ratio(
  total('redis_operations_total', SUMMARY_WINDOW, { where: { status: 'success' } }),
  total('redis_operations_total', SUMMARY_WINDOW),
);
export const redisP50 = quantile(0.5, 'redis_command_duration_seconds');
export const redisP95 = quantile(0.95, 'redis_command_duration_seconds');
export const redisP99 = quantile(0.99, 'redis_command_duration_seconds');
export const redisConnectionErrors = rate('redis_connection_errors_total', { by: ['job'] });
