import { type Kysely, sql } from 'kysely';

const statements = [
  // How much room the pipeline takes in the dispatcher's index (trading/matching/index-entries.ts). The API writes it with
  // each definition, and adds it up before it accepts another pipeline.
  'alter table pipelines add column index_entries integer not null default 0 check (index_entries >= 0)',
  // Pipelines of earlier versions count with their tickers and signals, which is about right.
  `update pipelines set index_entries = 1 + 4 * (
    case when jsonb_typeof(definition -> 'tickers') = 'array' then jsonb_array_length(definition -> 'tickers') else 0 end +
    case when jsonb_typeof(definition #> '{trigger,signals}') = 'array'
      then jsonb_array_length(definition #> '{trigger,signals}') else 0 end)`,
  "create index pipelines_entries on pipelines (index_entries) where status <> 'deleted'",
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
