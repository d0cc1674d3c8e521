import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Logger } from '../log.ts';
import * as initial from './migrations/0001-initial.ts';
import type { Database } from './schema.ts';

/** In order. A released migration is never changed: add one. */
const migrations: Record<string, Migration> = { '0001-initial': initial };

/**
 * Brings the database to the newest schema. Every process that uses it calls this at its start: Kysely holds an
 * advisory lock of Postgres meanwhile, so that two at once do it once.
 * @throws Error that names the migration that failed; it was rolled back
 */
export async function migrate(database: Kysely<Database>, log: Logger): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } });
  const { error, results = [] } = await migrator.migrateToLatest();
  for (const { migrationName, status } of results) {
    if (status === 'Success') log.info({ migration: migrationName }, 'migration done');
  }
  const failed = results.find((result) => result.status === 'Error');
  if (error) throw new Error(`migration ${failed?.migrationName ?? ''} failed`, { cause: error });
}
