import { keepTrying } from '#base/keep-trying.ts';
import { databaseConfigSchema, processConfigSchema, readConfig } from '#kit/config.ts';
import { createLogger } from '#kit/log.ts';
import { connectPostgres } from '#kit/postgres/database.ts';
import { prepareDatabase, type ServiceUrls } from '#platform/prepare-database.ts';
import type { Database } from '#platform/schema.ts';
import { migrationConfigSchema } from './config.ts';

const WITHIN_MS = 600_000;
const schema = migrationConfigSchema.extend({
  DATABASE_URL: databaseConfigSchema.shape.DATABASE_URL,
  LOG_LEVEL: processConfigSchema.shape.LOG_LEVEL,
});

/**
 * Migrates the database and prepares the roles of the services. Waits for Postgres for up to ten minutes. Returns the exit
 * code; the log says what failed.
 */
export async function migrateDatabase(environment: NodeJS.ProcessEnv): Promise<0 | 1> {
  const log = createLogger('backend', 'info');
  try {
    const { DATABASE_URL: ownerUrl, ...config } = readConfig(schema, environment);
    const owner = connectPostgres<Database>(ownerUrl, log);
    const urls: Record<keyof ServiceUrls, string | undefined> = {
      backend: config.BACKEND_DATABASE_URL,
      'celery-worker': config.CELERY_WORKER_DATABASE_URL,
      'trigger-dispatcher': config.TRIGGER_DISPATCHER_DATABASE_URL,
    };
    const waiting = { log, signal: AbortSignal.timeout(WITHIN_MS) };
    await keepTrying('prepare the database', () => prepareDatabase(owner, urls, log), waiting);
    await owner.destroy();
    log.info({}, 'the database is ready');
    return 0;
  } catch (error) {
    log.fatal({ error }, 'could not prepare the database');
    return 1;
  }
}
