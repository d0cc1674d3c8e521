import { type Kysely, sql } from 'kysely';

const statements = [
  // A bot that its user stopped can be started again; before, only a deleted pipeline counted as a stopped bot.
  'alter table pipelines drop constraint pipelines_status_check',
  `alter table pipelines add constraint pipelines_status_check
    check (status in ('active', 'paused', 'stopped', 'deleted'))`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
