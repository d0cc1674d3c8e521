import { Kysely, type LogEvent, PostgresDialect, sql } from 'kysely';
import { Pool, type PoolConfig } from 'pg';
import type { DatabaseConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Instruments } from '../telemetry/metrics/instruments.ts';
import { readStatement } from './read-statement.ts';

export type DatabaseMetric =
  | 'db_query_duration_seconds'
  | 'db_active_connections'
  | 'db_pool_size'
  | 'database_queries_total'
  | 'database_query_duration_seconds';

export interface DatabaseContext {
  log: Logger;
  instruments: Instruments<DatabaseMetric>;
}

export interface DatabaseOptions extends DatabaseContext {
  url: string;
  poolSize: number;
}

/** @typeParam Schema the tables, as Kysely types them */
export interface OpenDatabase<Schema> {
  readonly db: Kysely<Schema>;
  /** For /readyz. @throws Error if the database does not answer a query */
  check(): Promise<undefined>;
  close(): Promise<void>;
}

/** Opens a pool of connections to Postgres; the first query connects. Counts and times every query. */
export function openDatabase<Schema>({ url, poolSize, log, instruments }: DatabaseOptions): OpenDatabase<Schema> {
  const config: PoolConfig = {
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
  };
  const pool = new Pool(config);
  // Without this listener a connection that breaks while idle ends the process. The error object holds the whole client, password
  // included, so only two of its fields are logged.
  pool.on('error', ({ message, stack }) => log.warn({ error: { message, stack } }, 'idle database connection lost'));
  // A connection that breaks between two queries of a transaction would end the process too. The next query reports the error.
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

/** For openConnections: the client is the Kysely database. */
export function postgresFrom<Schema>({ DATABASE_URL: url, DATABASE_POOL_SIZE: poolSize }: DatabaseConfig) {
  return (context: DatabaseContext) => {
    const { db: client, check, close } = openDatabase<Schema>({ url, poolSize, ...context });
    return { client, check, close };
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
