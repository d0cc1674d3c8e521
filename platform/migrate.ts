import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Logger } from '#kit/log.ts';
import * as initial from './migrations/0001-initial.ts';
import * as modelCalls from './migrations/0002-model-calls.ts';
import type { Database } from './schema.ts';

/** In order. A released migration is never changed: add one. */
const migrations: Record<string, Migration> = { '0001-initial': initial, '0002-model-calls': modelCalls };

/** Of the advisory lock that one process at a time migrates under: the letters of `tpmi`. */
const LOCK = 0x7470_6d69;

/**
 * Brings the database to the newest schema. Every process that uses it calls this at its start, so several do at once:
 * one works, the others wait. Kysely's own lock comes only after its tables and the row in them are made; those who make
 * them at once leave errors in Postgres' log and in the counts of failed queries.
 * @throws Error that names the migration that failed; it was rolled back
 */
export async function migrate(database: Kysely<Database>, log: Logger): Promise<void> {
  await database.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${LOCK})`.execute(connection);
    try {
      await migrateAlone(connection, log);
    } finally {
      await sql`select pg_advisory_unlock(${LOCK})`.execute(connection);
    }
  });
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
