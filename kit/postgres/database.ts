import { Kysely, type LogEvent, PostgresDialect, sql } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import type { Log } from '#base/log.ts';
import type { DatabaseConfig } from '../config.ts';
import type { Instruments } from '../telemetry/metrics/instruments.ts';
import { readStatement } from './read-statement.ts';

type DatabaseMetric =
  | 'db_query_duration_seconds'
  | 'db_active_connections'
  | 'db_pool_size'
  | 'database_queries_total'
  | 'database_query_duration_seconds';

interface DatabaseContext {
  log: Log;
  instruments: Instruments<DatabaseMetric>;
}

/**
 * Returns an opener of a Postgres client for openConnections. The opener only creates a connection pool; the first
 * query opens the first connection. The client counts and times every query. Its readiness check throws if the database
 * does not respond.
 * @typeParam Schema the tables, in the form that Kysely expects
 */
export function postgresFrom<Schema>({ DATABASE_URL: url, DATABASE_POOL_SIZE: max }: DatabaseConfig) {
  return ({ log, instruments }: DatabaseContext) => {
    const pool = openPool({ connectionString: url, max }, log);
    instruments.observeGauge('db_active_connections', (observe) => observe(pool.totalCount - pool.idleCount));
    instruments.observeGauge('db_pool_size', (observe) => observe(max));
    const client = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log: countQueries(instruments) });
    return {
      client,
      check: () => sql`select 1`.execute(client).then(() => undefined),
      close: () => client.destroy(),
    };
  };
}

/** Returns a client without metrics, for a program that runs once. */
export function connectPostgres<Schema>(url: string, log: Log): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: openPool({ connectionString: url, max: 2 }, log) }),
  });
}

function openPool(config: PoolConfig, log: Log): Pool {
  const pool = new Pool({ ...config, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 60_000 });
  // Without this listener, an idle connection that breaks would end the process. The error object contains the whole
  // client, including the password, so only two fields of the error are logged.
  pool.on('error', ({ message, stack }) => log.warn({ error: { message, stack } }, 'idle database connection lost'));
  // Without this listener, a connection that breaks between two queries of a transaction would end the process. The
  // next query reports the error.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function countQueries(instruments: Instruments<DatabaseMetric>): (event: LogEvent) => void {
  const byType = instruments.histogram('db_query_duration_seconds');
  const byTable = instruments.histogram('database_query_duration_seconds');
  const total = instruments.counter('database_queries_total');
  return (event) => {
    const { operation, table } = readStatement(event.query.query);
    const seconds = event.queryDurationMillis / 1_000;
    byType.record(seconds, { query_type: operation });
    byTable.record(seconds, { operation, table });
    total.add(1, { operation, table, status: event.level === 'error' ? 'error' : 'success' });
  };
}
