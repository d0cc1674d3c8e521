import pg from 'pg';

/** Executions that one signal caused twice for a pipeline, and executions that placed more than one order. */
const doubled = `
  select
    (select count(*) from (
      select from executions where signal_id is not null group by signal_id, pipeline_id, ticker having count(*) > 1) twice)
    + (select count(*) from (select from orders group by execution_id having count(*) > 1) twice) as doubled`;

export async function countDoubled(postgres: string): Promise<number> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  try {
    const { rows } = await client.query<{ doubled: string }>(doubled);
    return Number(rows[0]?.doubled);
  } finally {
    await client.end();
  }
}
