import { Kysely, type LogEvent, PostgresDialect, sql } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import type { Logger } from '../log.ts';
import type { Instruments } from '../telemetry/metrics/instruments.ts';
import { readStatement } from './read-statement.ts';

export type DatabaseMetric =
  | 'db_query_duration_seconds'
  | 'db_active_connections'
  | 'db_pool_size'
  | 'database_queries_total'
  | 'database_query_duration_seconds';

export interface DatabaseOptions {
  url: string;
  poolSize: number;
  log: Logger;
  instruments: Instruments<DatabaseMetric>;
}

/** @typeParam Schema its tables, as Kysely types them */
export interface OpenDatabase<Schema> {
  readonly db: Kysely<Schema>;
  /** For /readyz: nothing when a query is answered. */
  check(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Opens a pool of connections to Postgres; the first query connects. Every query is counted and timed. */
export function openDatabase<Schema>({ url, poolSize, log, instruments }: DatabaseOptions): OpenDatabase<Schema> {
  const config: PoolConfig = {
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
  };
  const pool = new Pool(config);
  // Without a listener, a connection that breaks while idle ends the process. The error carries the whole client: not for a log.
  pool.on('error', ({ message, stack }) => log.warn({ error: { message, stack } }, 'idle database connection lost'));
  // So does one that breaks inside a transaction, between two queries: the next query says what is wrong.
  pool.on('connect', (client) => client.on('error', () => undefined));
  instruments.observeGauge('db_active_connections', (observe) => observe(pool.totalCount - pool.idleCount));
  instruments.observeGauge('db_pool_size', (observe) => observe(poolSize));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log: countQueries(instruments) });
  return {
    db,
    async check() {
      await sql`select 1`.execute(db);
      return undefined;
    },
    close: () => db.destroy(),
  };
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
