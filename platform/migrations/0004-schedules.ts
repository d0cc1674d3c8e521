import { type Kysely, sql } from 'kysely';

const statements = [
  // The second key of a scheduled execution, after its id: schedulers cannot start a due time twice.
  'alter table executions add column due_at timestamptz',
  `create unique index executions_one_due on executions (pipeline_id, ticker, due_at) where due_at is not null`,

  // A pipeline that is not active has no row, so due times of a pause are not made up for after it.
  `create table schedules (
    pipeline_id text primary key references pipelines,
    handled_until timestamptz not null,
    next_due_at timestamptz
  )`,
  'create index schedules_due on schedules (next_due_at nulls first)',

  // Whoever writes pipelines needs no rights on schedules, because the function runs with the rights of its owner.
  `create function keep_schedule() returns trigger language plpgsql security definer set search_path from current as $$
  begin
    if new.status <> 'active' or new.definition #>> '{trigger,mode}' is distinct from 'periodic' then
      delete from schedules where pipeline_id = new.pipeline_id;
    elsif tg_op = 'INSERT' or old.status <> 'active'
        or new.definition -> 'trigger' is distinct from old.definition -> 'trigger' then
      insert into schedules (pipeline_id, handled_until) values (new.pipeline_id, clock_timestamp())
        on conflict (pipeline_id) do update set handled_until = excluded.handled_until, next_due_at = null;
    end if;
    return null;
  end $$`,
  `create trigger pipelines_scheduled after insert or update of status, definition on pipelines
    for each row execute function keep_schedule()`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
