import { pino } from 'pino';
import { keepTrying } from '#base/keep-trying.ts';
import { connectPostgres } from '#kit/postgres/database.ts';
import { prepareDatabase } from '#platform/prepare-database.ts';
import type { Database } from '#platform/schema.ts';
import { addresses, type StackContext, serviceDatabaseUrls } from '../stack-context.ts';
import { READY_WITHIN_MS, type StackEntry } from './stack-entry.ts';

/** Migrates the database and gives each service a role of its own, as the Job of the chart does. */
export function databaseEntry({ settings }: StackContext): StackEntry {
  return {
    name: 'database',
    needs: ['postgres'],
    work: async () => {
      const log = pino({ level: 'silent' });
      const owner = connectPostgres<Database>(addresses(settings).postgres, log);
      const urls = serviceDatabaseUrls(settings);
      try {
        // a busy machine may answer a connection late
        const waiting = { log, signal: AbortSignal.timeout(READY_WITHIN_MS) };
        await keepTrying('prepare the database', () => prepareDatabase(owner, urls, log), waiting);
      } finally {
        await owner.destroy();
      }
      return `migrated; a role each for ${Object.keys(urls).join(', ')}`;
    },
  };
}
