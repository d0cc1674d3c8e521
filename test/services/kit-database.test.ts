import { Kysely, type LogEvent, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { pino } from 'pino';
import { expect, inject, it } from 'vitest';
import { migrate } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';
import { createDatabase } from '../support/start-postgres.ts';

const silent = pino({ level: 'silent' });

it('migrates a new database once, without a failed statement, although eight processes migrate it at once', async () => {
  const connectionString = await createDatabase(inject('postgresUrl'));
  const failed: string[] = [];
  const log = ({ level, query }: LogEvent) => void (level === 'error' && failed.push(query.sql));
  const open = () => new PostgresDialect({ pool: new Pool({ connectionString, max: 1 }) });
  const databases = Array.from({ length: 8 }, () => new Kysely<Database>({ dialect: open(), log }));
  try {
    await Promise.all(databases.map((database) => migrate(database, silent)));
    expect(failed).toEqual([]);
    expect(await databases[0]?.selectFrom('portfolio').select('portfolio_id').execute()).toHaveLength(1);
  } finally {
    await Promise.all(databases.map((database) => database.destroy()));
  }
});
