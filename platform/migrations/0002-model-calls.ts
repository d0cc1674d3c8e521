import { type Kysely, sql } from 'kysely';

const statements = [
  // Calls of language models. A call is stored with its maximum cost before it is made, and with its cost afterwards.
  `create table model_calls (
    call_id bigint generated always as identity primary key,
    execution_id text not null references executions,
    pipeline_id text not null references pipelines,
    agent text not null,
    model text not null,
    status text not null default 'calling' check (status in ('calling', 'success', 'error')),
    input_tokens integer check (input_tokens >= 0),
    output_tokens integer check (output_tokens >= 0),
    cost_usd numeric not null check (cost_usd >= 0),
    started_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index model_calls_of_execution on model_calls (execution_id)',
  'create index model_calls_of_pipeline on model_calls (pipeline_id, started_at)',
  'create index model_calls_of_day on model_calls (started_at)',
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
