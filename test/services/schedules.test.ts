import { Redis } from 'ioredis';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '#kit/log.ts';
import { openExecutionQueue } from '#platform/execution-queue.ts';
import { migrate } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';
import { DEFAULT_MAX_ENTRIES } from '#trading/matching/index-entries.ts';
import { changePipeline, insertPipeline } from '../../services/backend/store/pipelines.ts';
import { runDue, startSchedules } from '../../services/trigger-dispatcher/schedules/start-schedules.ts';
import { eventually } from '../support/eventually.ts';
import { createDatabase, startPostgres, type TestPostgres } from '../support/start-postgres.ts';
import { startRedis, type TestRedis } from '../support/start-redis.ts';

let postgres: TestPostgres;
let redis: TestRedis;
let url: string;
let db: Kysely<Database>;
const opened: { close(): Promise<unknown> }[] = [];
const log = createLogger('test', 'silent');

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres?.stop(), redis?.stop()]));
beforeEach(async () => {
  url = await createDatabase(postgres.url);
  db = openDatabase();
  await migrate(db, log);
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function openDatabase(): Kysely<Database> {
  const pool = new Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined);
  const database = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  opened.push({ close: () => database.destroy() });
  return database;
}

/** A scheduler with connections of its own. Its clock is what the test passes. */
function openScheduler() {
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const [own, queue] = [openDatabase(), openExecutionQueue(connection)];
  opened.push({ close: async () => connection.disconnect() }, queue);
  const runAt = (time: Date) => runDue({ db: own, queue, log, clock: sql<Date>`${time.toISOString()}::timestamptz` });
  return { runAt, queue };
}

const minute = 60_000;
/** The time from which the schedules of these tests count: long ago, so that no real minute matters. */
const start = Date.parse('2026-06-01T00:00:00Z');
const at = (minutes: number) => new Date(start + minutes * minute);

async function addPipeline(pipelineId: string, schedule = '* * * * *', tickers = ['GOOG']): Promise<void> {
  const definition = { trigger: { mode: 'periodic', schedule, timeZone: 'UTC' }, tickers } as never;
  await insertPipeline(db, { pipelineId, name: pipelineId, definition }, DEFAULT_MAX_ENTRIES);
  await countFrom(pipelineId, at(0));
}

/** Lets the schedule of a pipeline count from a time, as if the pipeline had been created then. */
async function countFrom(pipelineId: string, from: Date): Promise<void> {
  const set = { handled_until: from, next_due_at: null };
  await db.updateTable('schedules').set(set).where('pipeline_id', '=', pipelineId).execute();
}

const readSchedules = () => db.selectFrom('schedules').selectAll().orderBy('pipeline_id').execute();
const endAll = () => db.updateTable('executions').set({ status: 'success' }).where('status', '=', 'queued').execute();
async function readRuns(pipelineId?: string): Promise<string[]> {
  const rows = await db.selectFrom('executions').selectAll().orderBy('due_at').orderBy('ticker').execute();
  return rows
    .filter((row) => pipelineId === undefined || row.pipeline_id === pipelineId)
    .map(
      ({ due_at, ticker, trigger_mode, status }) =>
        `${due_at?.toISOString().slice(11, 16)} ${ticker} ${trigger_mode} ${status}`,
    );
}

describe('schedules', () => {
  it('start one execution for each due time, pipeline and ticker, with two schedulers at once whose clocks differ', async () => {
    const ids = Array.from({ length: 50 }, (_, number) => `p${number}`);
    for (const id of ids) await addPipeline(id, '* * * * *', ['BTCUSD', 'GOOG']);
    const [one, other] = [openScheduler(), openScheduler()];
    for (let minutes = 1; minutes <= 6; minutes += 1) {
      await Promise.all([one.runAt(at(minutes)), other.runAt(at(minutes + 0.4)), one.runAt(at(minutes))]);
      await endAll();
    }
    const rows = await db
      .selectFrom('executions')
      .select(['pipeline_id', 'ticker', 'due_at', 'execution_id'])
      .execute();
    const keys = rows.map((row) => `${row.pipeline_id} ${row.ticker} ${row.due_at?.toISOString()}`);
    expect(keys.length).toBe(50 * 2 * 6);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { execution_id } of rows.slice(0, 20)) expect(await one.queue.state(execution_id)).toBe('waiting');
    expect((await one.queue.depth()).waiting).toBe(keys.length);
  });

  it('start only the newest of the due times that passed while no scheduler ran, then each one', async () => {
    await addPipeline('p');
    const scheduler = openScheduler();
    await scheduler.runAt(at(3 * 1_440 + 0.5));
    expect(await readRuns()).toEqual(['00:00 GOOG periodic queued']);
    await endAll();
    await scheduler.runAt(at(3 * 1_440 + 0.9));
    await scheduler.runAt(at(3 * 1_440 + 1));
    expect(await readRuns()).toEqual(['00:00 GOOG periodic success', '00:01 GOOG periodic queued']);
  });

  it('skip a ticker for which the pipeline is still running, and say so', async () => {
    await addPipeline('p', '* * * * *', ['BTCUSD', 'GOOG']);
    const scheduler = openScheduler();
    await scheduler.runAt(at(1));
    await db.updateTable('executions').set({ status: 'success' }).where('ticker', '=', 'GOOG').execute();
    await scheduler.runAt(at(2));
    expect(await readRuns()).toEqual([
      '00:01 BTCUSD periodic queued',
      '00:01 GOOG periodic success',
      '00:02 BTCUSD periodic skipped',
      '00:02 GOOG periodic queued',
    ]);
    const skipped = db.selectFrom('executions').selectAll().where('status', '=', 'skipped');
    expect(await skipped.executeTakeFirst()).toMatchObject({
      reason: 'the pipeline was running for this ticker',
      finished_at: expect.any(Date),
    });
  });

  it('do not start a paused or deleted pipeline, nor make up for the due times of a pause', async () => {
    await addPipeline('paused');
    await addPipeline('deleted');
    const scheduler = openScheduler();
    await changePipeline(db, 'paused', () => ({ status: 'paused' }));
    await changePipeline(db, 'deleted', () => ({ status: 'deleted' }));
    expect(await readSchedules()).toEqual([]);
    await scheduler.runAt(at(5));
    expect(await readRuns()).toEqual([]);

    await changePipeline(db, 'paused', () => ({ status: 'active' }));
    const [resumed] = await readSchedules();
    expect(Math.abs(Date.now() - (resumed?.handled_until.getTime() ?? 0))).toBeLessThan(minute);
    await scheduler.runAt(resumed?.handled_until ?? new Date());
    expect(await readRuns()).toEqual([]);
  });

  it('follow a change of the schedule, and keep their place when something else changes', async () => {
    await addPipeline('p', '0 * * * *');
    const scheduler = openScheduler();
    await scheduler.runAt(at(59));
    const [before] = await readSchedules();
    expect(before?.next_due_at).toEqual(at(60));
    const definition = { trigger: { mode: 'periodic', schedule: '0 * * * *', timeZone: 'UTC' }, tickers: ['BTCUSD'] };
    await changePipeline(db, 'p', () => ({ name: 'another', definition: definition as never }));
    expect(await readSchedules()).toEqual([before]);
    await scheduler.runAt(at(60));
    expect(await readRuns()).toEqual(['01:00 BTCUSD periodic queued']);

    await changePipeline(db, 'p', () => ({ definition: { ...definition, trigger: { mode: 'manual' } } as never }));
    expect(await readSchedules()).toEqual([]);
    const daily = { ...definition.trigger, schedule: '30 6 * * *', timeZone: 'Asia/Tokyo' };
    await changePipeline(db, 'p', () => ({ definition: { ...definition, trigger: daily } as never }));
    await countFrom('p', at(0));
    await scheduler.runAt(at(1));
    expect((await readSchedules())[0]?.next_due_at).toEqual(new Date('2026-06-01T21:30:00Z'));
  });

  it('pass over a definition that this version does not understand, and start the others', async () => {
    await addPipeline('good');
    await addPipeline('bad', 'every day');
    const scheduler = openScheduler();
    await scheduler.runAt(at(1));
    await scheduler.runAt(at(2));
    expect(await readRuns('good')).toHaveLength(2);
    expect(await readRuns('bad')).toEqual([]);
    const rest = db.selectFrom('schedules').select(sql<boolean>`next_due_at = 'infinity'`.as('never'));
    expect(await rest.where('pipeline_id', '=', 'bad').executeTakeFirst()).toEqual({ never: true });
  });

  it('leave the jobs to the sweep if Redis does not answer, and go on', async () => {
    await addPipeline('p');
    const away = { add: () => new Promise<void>(() => undefined) };
    const clock = sql<Date>`${at(1).toISOString()}::timestamptz`;
    await runDue({ db, queue: away, log, clock });
    expect(await readRuns()).toEqual(['00:01 GOOG periodic queued']);
    expect((await readSchedules())[0]?.next_due_at).toEqual(at(2));
  }, 15_000);

  it('say that nobody follows them if Postgres does not answer for long', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const scheduler = openScheduler();
    const away = openDatabase();
    await away.destroy();
    const following = startSchedules({ db: away, queue: scheduler.queue, log, everyMs: 20 });
    expect(following.check()).toBeUndefined();
    vi.advanceTimersByTime(40_000);
    expect(following.check()).toBe('the last successful search for due schedules was 40 s ago');
    await following.stop();
    const again = startSchedules({ db, queue: scheduler.queue, log, everyMs: 20 });
    vi.advanceTimersByTime(40_000);
    await eventually(() => expect(again.check()).toBeUndefined());
    await again.stop();
    vi.useRealTimers();
  });

  it('do not wait for a pipeline that is being changed, and do not deadlock with the change', async () => {
    await addPipeline('changing');
    await addPipeline('other');
    const scheduler = openScheduler();
    await db.transaction().execute(async (transaction) => {
      const row = transaction.selectFrom('pipelines').selectAll().where('pipeline_id', '=', 'changing').forUpdate();
      await row.execute();
      await scheduler.runAt(at(1));
      expect(await readRuns()).toEqual(['00:01 GOOG periodic queued']);
      await transaction
        .updateTable('pipelines')
        .set({ status: 'paused' })
        .where('pipeline_id', '=', 'changing')
        .execute();
    });
    await scheduler.runAt(at(2));
    expect(await readRuns('changing')).toEqual([]);
  });
});
