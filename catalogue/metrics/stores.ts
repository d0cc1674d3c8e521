/** Metrics of Postgres and Redis, as the services that use them see them. */
import { fast, type MetricDefinition, open, outcome, withDatabase } from './metric.ts';

const statements = ['select', 'insert', 'update', 'delete', 'other'] as const;

export const storeMetrics = {
  db_query_duration_seconds: {
    type: 'histogram',
    help: 'Time of a Postgres query, by kind.',
    labels: { query_type: statements },
    emittedBy: withDatabase,
    buckets: fast,
  },
  db_active_connections: {
    type: 'gauge',
    help: 'Postgres connections in use.',
    emittedBy: withDatabase,
  },
  db_pool_size: {
    type: 'gauge',
    help: 'Most Postgres connections the pool opens.',
    emittedBy: withDatabase,
  },
  database_queries_total: {
    type: 'counter',
    help: 'Postgres queries, by operation, table and status.',
    labels: { operation: statements, table: open, status: outcome },
    emittedBy: withDatabase,
  },
  database_query_duration_seconds: {
    type: 'histogram',
    help: 'Time of a Postgres query, by operation and table.',
    labels: { operation: statements, table: open },
    emittedBy: withDatabase,
    buckets: fast,
  },
  redis_command_duration_seconds: {
    type: 'histogram',
    help: 'Time of a Redis command.',
    labels: { command: open },
    emittedBy: withDatabase,
    buckets: fast,
  },
  redis_operations_total: {
    type: 'counter',
    help: 'Redis commands, by command and status.',
    labels: { operation: open, status: outcome },
    emittedBy: withDatabase,
  },
  redis_connection_errors_total: {
    type: 'counter',
    help: 'Failed or lost connections to Redis.',
    emittedBy: withDatabase,
  },
} as const satisfies Record<string, MetricDefinition>;
