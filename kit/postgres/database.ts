import { Kysely, type LogEvent, PostgresDialect, sql } from 'kysely';
import { Client, type ClientBase, Pool, type PoolConfig } from 'pg';
import type { Log } from '#base/log.ts';
import { showValue } from '#base/mask-secrets.ts';
import { createBoundedCheck } from '../bounded-check.ts';
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
  checkParameters(url);
  return ({ log, instruments }: DatabaseContext) => {
    const pool = openPool({ connectionString: url, max }, log);
    const leaveStandby = leaveConnections(pool);
    instruments.observeGauge('db_active_connections', (observe) => observe(pool.totalCount - pool.idleCount));
    instruments.observeGauge('db_pool_size', (observe) => observe(max));
    const count = countQueries(instruments);
    const client = new Kysely<Schema>({
      dialect: new PostgresDialect({ pool }),
      log: (event) => {
        count(event);
        if (event.level === 'error' && isReadOnly(event.error)) leaveStandby();
      },
    });
    return {
      client,
      check: createBoundedCheck(() => checkWritable(client, leaveStandby)),
      close: () => client.destroy(),
    };
  };
}

/**
 * Parses the parameters of the URL, such as the files of certificates, as pg does at each connection.
 * @throws Error that names the variable
 */
function checkParameters(url: string): void {
  try {
    new Client({ connectionString: url });
  } catch (error) {
    throw new Error(`wrong configuration: DATABASE_URL=${showValue('DATABASE_URL', url)}: ${(error as Error).message}`);
  }
}

/** Returns why the database takes no writes. A standby and a database with a full disk keep their connections and answer reads. */
async function checkWritable<Schema>(db: Kysely<Schema>, leaveStandby: () => void): Promise<string | undefined> {
  const { rows } = await sql<{ readonly: string }>`select current_setting('transaction_read_only') as readonly`.execute(
    db,
  );
  if (rows[0]?.readonly !== 'on') return undefined;
  leaveStandby();
  return 'is read-only: a standby, or a primary that takes no writes; DATABASE_URL must lead to the primary';
}

/** SQLSTATE of a write in a read-only transaction */
function isReadOnly(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === '25006';
}

/**
 * Returns a function that makes the pool close each connection of now after its use, because its server became a standby.
 * The address may lead to the new primary already.
 */
function leaveConnections(pool: Pool): () => void {
  const openedAt = new WeakMap<ClientBase, number>();
  let leftAt = Number.NEGATIVE_INFINITY;
  pool.on('connect', (client) => openedAt.set(client, performance.now()));
  pool.on('release', (_error, client) => {
    // The pool removes a client that is ending.
    if ((openedAt.get(client) ?? leftAt) < leftAt) (client as unknown as Client).end().catch(() => undefined);
  });
  return () => {
    leftAt = performance.now();
  };
}

/** Returns a client without metrics, for a program that runs once. */
export function connectPostgres<Schema>(url: string, log: Log): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: openPool({ connectionString: url, max: 2 }, log) }),
  });
}

function openPool(config: PoolConfig, log: Log): Pool {
  const pool = new Pool({ ...config, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 60_000, keepAlive: true });
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
