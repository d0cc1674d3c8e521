import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { keepTrying } from '#base/keep-trying.ts';
import type { Logger } from '#kit/log.ts';
import * as initial from './migrations/0001-initial.ts';
import * as modelCalls from './migrations/0002-model-calls.ts';
import * as stoppedPipelines from './migrations/0003-stopped-pipelines.ts';
import * as schedules from './migrations/0004-schedules.ts';
import * as pipelineEntries from './migrations/0005-pipeline-entries.ts';
import type { Database } from './schema.ts';

/** All migrations, in the order in which they run. Never change a released migration; add a new migration. */
const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-model-calls': modelCalls,
  '0003-stopped-pipelines': stoppedPipelines,
  '0004-schedules': schedules,
  '0005-pipeline-entries': pipelineEntries,
};

/** Key of the advisory lock that lets one process at a time migrate: the ASCII codes of `tpmi`. */
const LOCK = 0x7470_6d69;

/**
 * Brings the database to the newest schema. Every process that uses the database calls this at its start. If several
 * processes call this at once, one process migrates and the other processes wait. Kysely has a lock of its own, but
 * acquires this lock only after creating its tables. If two processes created these tables at once, Postgres would log
 * errors and failed queries would be counted. A user who may not create tables (prepare-database.ts) only checks.
 * @throws Error that names the migration that failed, or that is missing. The failed migration is rolled back
 */
export async function migrate(database: Kysely<Database>, log: Logger): Promise<void> {
  const user = await sql<{ may: boolean; name: string }>`
    select has_schema_privilege('public', 'create') as may, current_user as name`.execute(database);
  for (const { may, name } of user.rows) if (!may) return needMigrations(database, name);
  await database.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${LOCK})`.execute(connection);
    try {
      await migrateAlone(connection, log);
    } finally {
      await sql`select pg_advisory_unlock(${LOCK})`.execute(connection);
    }
  });
}

/** @throws Error if the database lacks a migration */
async function needMigrations(database: Kysely<Database>, user: string): Promise<void> {
  const done = await sql<{ name: string }>`select name from kysely_migration`.execute(database);
  const missing = Object.keys(migrations).find((name) => !done.rows.some((row) => row.name === name));
  if (missing)
    throw new Error(`the database lacks ${missing}, and ${user} may not migrate: run the migration of this version`);
}

async function migrateAlone(database: Kysely<Database>, log: Logger): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error, results = [] } = await migrator.migrateToLatest();
  for (const { migrationName, status } of results) {
    if (status === 'Success') log.info({ migration: migrationName }, 'migration done');
  }
  const failed = results.find((result) => result.status === 'Error');
  if (error) throw new Error(`migration ${failed?.migrationName ?? ''} failed`, { cause: error });
}

interface RunningMigration {
  /** Resolves when the database has the newest schema, or when the process stops first. */
  ended: Promise<void>;
  /** Readiness check for /readyz: returns undefined once the database is migrated, or else the reason. */
  check(): string | undefined;
}

/** Migrates the database in the background, and tries again until the migration succeeds. */
export function startMigration(db: Kysely<Database>, log: Logger, stopping: AbortSignal): RunningMigration {
  let done = false;
  const work = async () => {
    await migrate(db, log);
    done = true;
  };
  const ended = keepTrying('migrate the database', work, { log, signal: stopping }).catch((error: unknown) => {
    if (!stopping.aborted) throw error;
  });
  return { ended, check: () => (done ? undefined : 'not migrated yet') };
}
