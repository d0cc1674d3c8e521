import { pino } from 'pino';
import { connectPostgres } from '#kit/postgres/database.ts';
import { prepareDatabase } from '#platform/prepare-database.ts';
import type { Database } from '#platform/schema.ts';
import { addresses, type StackContext, serviceDatabaseUrls } from '../stack-context.ts';
import type { StackEntry } from './stack-entry.ts';

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
        await prepareDatabase(owner, urls, log);
      } finally {
        await owner.destroy();
      }
      return `migrated; a role each for ${Object.keys(urls).join(', ')}`;
    },
  };
}
