import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Heal, keepDoing } from './heal.ts';

export interface LockTimes {
  readonly heldMs: number;
  readonly freeMs: number;
}

/** As a migration or a forgotten transaction does it: the table can be read, and whoever writes to it waits. */
export async function lockTable(postgres: string, table: string, times?: LockTimes): Promise<Heal> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  const held = times?.heldMs ?? 3_600_000;
  const unlock = keepDoing(async (ending) => {
    await client.query('begin');
    await client.query(`lock table ${client.escapeIdentifier(table)} in share mode`);
    await sleep(held, undefined, { signal: ending }).catch(() => undefined);
    await client.query('rollback');
    if (!ending.aborted) await sleep(times?.freeMs);
  });
  return async () => {
    await unlock();
    await client.end();
  };
}
