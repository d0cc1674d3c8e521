import { type Kysely, sql } from 'kysely';
import { channels } from '#catalogue/topics.ts';

const statements = [
  `create table pipelines (
    pipeline_id text primary key,
    name text not null,
    owner text not null default 'api' check (owner in ('api', 'cluster')),
    definition jsonb not null,
    status text not null default 'active' check (status in ('active', 'paused', 'deleted')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  // Serves lists that are paged by time and id, newest first. Postgres reads the indexes named *_newest backwards.
  'create index pipelines_newest on pipelines (created_at, pipeline_id)',

  `create table signals (
    signal_id text primary key,
    signal_type text not null,
    source text not null,
    timeframe text not null,
    signal jsonb not null,
    generated_at timestamptz not null,
    stored_at timestamptz not null default now(),
    matched integer not null check (matched >= 0),
    enqueued integer not null check (enqueued >= 0),
    skipped integer not null check (skipped >= 0),
    outcome text not null check (outcome in ('matched', 'skipped', 'unmatched')),
    check (matched = enqueued + skipped)
  )`,
  'create index signals_newest on signals (stored_at, signal_id)',

  `create table executions (
    execution_id text primary key,
    pipeline_id text not null references pipelines,
    ticker text not null,
    signal_id text,
    trigger_mode text not null check (trigger_mode in ('signal', 'periodic', 'manual')),
    status text not null check (status in ('queued', 'running', 'success', 'failed', 'skipped')),
    reason text,
    trace jsonb not null default '{}',
    cost_usd numeric not null default 0,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    unique (signal_id, pipeline_id, ticker)
  )`,
  // Prevents a pipeline from running twice at once for a ticker, whichever service starts the runs.
  `create unique index executions_one_running on executions (pipeline_id, ticker) where status in ('queued', 'running')`,
  'create index executions_newest on executions (created_at, execution_id)',
  'create index executions_of_pipeline on executions (pipeline_id, created_at, execution_id)',

  `create table execution_stages (
    execution_id text not null references executions,
    position integer not null,
    agent text not null,
    status text not null check (status in ('success', 'failed')),
    result jsonb not null,
    duration_seconds double precision not null,
    cost_usd numeric not null default 0,
    finished_at timestamptz not null default now(),
    primary key (execution_id, position)
  )`,

  `create table orders (
    client_order_id text primary key,
    execution_id text not null references executions,
    pipeline_id text not null references pipelines,
    symbol text not null,
    side text not null check (side in ('buy', 'sell')),
    quantity numeric not null check (quantity > 0),
    price numeric not null check (price > 0),
    fee_usd numeric not null default 0,
    realised_pnl_usd numeric not null default 0,
    status text not null check (status in ('filled', 'rejected')),
    reason text,
    mode text not null check (mode in ('paper', 'live')),
    created_at timestamptz not null default now()
  )`,
  'create index orders_newest on orders (created_at, client_order_id)',
  'create index orders_of_pipeline on orders (pipeline_id, created_at, client_order_id)',

  `create table positions (
    pipeline_id text not null references pipelines,
    symbol text not null,
    quantity numeric not null check (quantity >= 0),
    average_price numeric not null,
    realised_pnl_usd numeric not null default 0,
    updated_at timestamptz not null default now(),
    primary key (pipeline_id, symbol)
  )`,

  `create table portfolio (
    portfolio_id integer primary key default 1 check (portfolio_id = 1),
    cash_usd numeric not null check (cash_usd >= 0),
    peak_value_usd numeric not null,
    updated_at timestamptz not null default now()
  )`,
  'insert into portfolio (cash_usd, peak_value_usd) values (100000, 100000)',

  `create table bars (
    symbol text not null,
    timeframe text not null,
    open_time timestamptz not null,
    source text not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    primary key (symbol, timeframe, open_time)
  )`,
  // Serves queries for the last price of a symbol, across all timeframes.
  'create index bars_newest on bars (symbol, open_time)',

  // The payload of the notification is the id of the changed row, and the listener then reads this row. A statement
  // that changes many rows sends one notification for each row.
  `create function notify_row() returns trigger language plpgsql as $$
  begin
    perform pg_notify(tg_argv[0], to_jsonb(new) ->> tg_argv[1]);
    return null;
  end $$`,
  `create trigger pipelines_changed after insert or update on pipelines
    for each row execute function notify_row('${channels.pipelinesChanged}', 'pipeline_id')`,
  `create trigger signals_stored after insert on signals
    for each row execute function notify_row('${channels.signalsStored}', 'signal_id')`,
  `create trigger executions_changed after insert or update of status on executions
    for each row execute function notify_row('${channels.executionsChanged}', 'execution_id')`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
