import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isDatabaseAway } from '#kit/postgres/database-away.ts';
import { Exact, formatMoney } from '#trading/money.ts';
import { modesWithoutBroker } from '#trading/orders/order.ts';
import { createPaperBroker } from '../../services/celery-worker/brokers/paper/paper-broker.ts';
import { type Agents, createAgents } from '../../services/celery-worker/execution/create-agents.ts';
import { finishExecution, runExecution } from '../../services/celery-worker/execution/run-execution.ts';
import { sweepLostExecutions } from '../../services/celery-worker/execution/sweep-lost-executions.ts';
import { until } from '../support/eventually.ts';
import { interrupt, type Platform, startPlatform } from './celery-worker-platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addBars('GOOG');
});
afterAll(() => platform?.stop());

const longAgo = () => new Date(Date.now() - 120_000);

function buildAgents({ db, clock }: Platform): Agents {
  const broker = createPaperBroker({ db, clock, feeBasisPoints: 10 });
  return createAgents({ db, brokerOf: () => broker, clock, feeBasisPoints: 10, maxSignalAgeSeconds: 900 });
}

async function setPortfolio(cash: string, peak = cash): Promise<void> {
  await platform.db.updateTable('portfolio').set({ cash_usd: cash, peak_value_usd: peak }).execute();
}
afterEach(async () => {
  await platform.db.deleteFrom('positions').execute();
  await setPortfolio('100000');
});

/** Returns an order for one share at 50, as the agent trade-manager would place it. */
const buyOne = (executionId: string, pipelineId: string) => {
  const limits = { maxPositionUsd: 10_000, maxDailyLossUsd: 100, maxDrawdown: 0.5 };
  return { executionId, pipelineId, symbol: 'GOOG', side: 'buy', quantity: '1', price: '50', limits } as const;
};

/** Marks an execution as ended in the database, without the worker. */
async function endElsewhere(executionId: string): Promise<void> {
  const end = { status: 'failed', finished_at: new Date() } as const;
  await platform.db.updateTable('executions').set(end).where('execution_id', '=', executionId).execute();
}

describe('a whole execution', () => {
  it('stores each stage, the order, the position and the cash, to the last digit', async () => {
    await platform.addPipeline('whole', { risk: { maxPositionUsd: 1_000, maxDailyLossUsd: 100, maxDrawdown: 0.5 } });
    const bought = await platform.run('whole', { price: 33.3 });
    expect(bought).toMatchObject({ status: 'success', reason: null, cost_usd: '0' });

    const stages = await platform.readStages(bought.execution_id);
    expect(stages.map(({ agent, status }) => `${agent} ${status}`)).toEqual([
      'market-data success',
      'bias success',
      'strategy success',
      'risk-manager success',
      'trade-manager success',
    ]);
    expect(stages[0]?.result).toMatchObject({ price: '33.3', bars: 250, last_bar: '2024-06-30T00:00:00.000Z' });

    // The quantity is 1000 / 33.3, rounded down. The fee is 10 basis points, rounded up at the 8th digit.
    const [order] = await platform.readOrders(bought.execution_id);
    expect(order).toMatchObject({
      side: 'buy',
      quantity: '30.03003003',
      price: '33.3',
      fee_usd: '1',
      status: 'filled',
      mode: 'paper',
    });
    expect(await platform.readCash()).toBe('98999.000000001');
    const position = await platform.db
      .selectFrom('positions')
      .selectAll()
      .where('pipeline_id', '=', 'whole')
      .executeTakeFirstOrThrow();
    expect(position.quantity).toBe('30.03003003');
    // (30.03003003 × 33.3 + 1) / 30.03003003, to 18 digits.
    expect(position.average_price).toBe('33.3333000000000333');

    const sold = await platform.run('whole', { direction: 'BEARISH', price: 40 });
    const [sale] = await platform.readOrders(sold.execution_id);
    // 30.03003003 × 40 = 1201.2012012; fee 1.20120121.
    expect(sale).toMatchObject({ side: 'sell', quantity: '30.03003003', fee_usd: '1.20120121' });
    expect(await platform.readCash()).toBe('100198.999999991');
  });

  it('has exactly the cash that results from the orders, to the last digit', async () => {
    await platform.addPipeline('cash', { risk: { maxPositionUsd: 700, maxDailyLossUsd: 1e6, maxDrawdown: 1 } });
    await platform.run('cash', { price: 33.3 });
    await platform.run('cash', { price: 41.7, direction: 'BEARISH' });
    await platform.run('cash', { price: 7.77, confidence: 61 });
    const { rows } = await sql<{ expected: string; orders: number }>`
      select 100000 + sum(case side when 'sell' then quantity * price - fee_usd else -quantity * price - fee_usd end) as expected,
        count(*)::int as orders
      from orders where pipeline_id = 'cash' and status = 'filled'`.execute(platform.db);
    expect(rows[0]?.orders).toBe(3);
    expect(formatMoney(await platform.readCash())).toBe(formatMoney(rows[0]?.expected ?? Number.NaN));
  });

  it('reads no bar after the bar that caused the signal', async () => {
    await platform.addPipeline('late', { stages: [{ agent: 'market-data' }] });
    const run = await platform.run('late', { barTime: '2024-06-01T00:00:00Z' });
    const [stage] = await platform.readStages(run.execution_id);
    expect(stage?.result).toMatchObject({ last_bar: '2024-06-01T00:00:00.000Z', bars: 231 });
  });

  it('runs manually without a signal, at the last close', async () => {
    await platform.addPipeline('by-hand', { trigger: { mode: 'manual' } });
    const id = 'manual-run-1';
    await platform.db
      .insertInto('executions')
      .values({
        execution_id: id,
        pipeline_id: 'by-hand',
        ticker: 'GOOG',
        signal_id: null,
        trigger_mode: 'manual',
        cost_usd: '0',
        status: 'queued',
        trace: '{}',
      })
      .execute();
    await platform.enqueue(id);
    expect((await platform.ended(id)).status).toBe('success');
    expect((await platform.readStages(id))[0]?.result).toMatchObject({
      price: '100',
      price_from: 'last_bar',
      timeframe: '1d',
    });
    await expect
      .poll(() =>
        platform.metric('pipeline_executions_total', {
          pipeline_id: 'by-hand',
          trigger_mode: 'manual',
          status: 'success',
        }),
      )
      .toBe(1);
  });

  it('runs by a schedule, and counts it from 0, also if the pipeline had another trigger before', async () => {
    const count = (trigger_mode: string) =>
      platform.readSeries(
        `pipeline_executions_total{status="success",pipeline_id="by-clock",trigger_mode="${trigger_mode}"}`,
      );
    await platform.addPipeline('by-clock', { trigger: { mode: 'manual' } });
    await expect.poll(() => count('manual'), { timeout: 10_000 }).toBe(0);
    expect(await count('periodic')).toBeUndefined();
    const trigger = { mode: 'periodic', schedule: '0 0 29 2 *', timeZone: 'UTC' };
    await platform.db
      .updateTable('pipelines')
      .set({ definition: JSON.stringify({ trigger, tickers: ['GOOG'] }) })
      .where('pipeline_id', '=', 'by-clock')
      .execute();
    await expect.poll(() => count('periodic'), { timeout: 10_000 }).toBe(0);

    const execution = { pipeline_id: 'by-clock', ticker: 'GOOG', signal_id: null, cost_usd: '0', trace: '{}' };
    await platform.db
      .insertInto('executions')
      .values({ ...execution, execution_id: 'due', trigger_mode: 'periodic', status: 'queued', due_at: new Date() })
      .execute();
    await platform.enqueue('due');
    expect((await platform.ended('due')).status).toBe('success');
    const labels = { pipeline_id: 'by-clock', trigger_mode: 'periodic', status: 'success' };
    await expect.poll(() => platform.metric('pipeline_executions_total', labels)).toBe(1);
  }, 30_000);
});

describe('a bot', () => {
  it('has counters of its trades at 0 before the first one, and adds the value of what is filled', async () => {
    const volume = () => platform.metric('trading_volume_usd_total', { venue: 'paper', side: 'buy' });
    await platform.addPipeline('new-bot');
    const series = 'trading_bot_trades_total{bot_id="new-bot",symbol="GOOG",side="buy",status="filled"}';
    await expect.poll(() => platform.scrape()).toContain(`${series} 0\n`);
    const before = await volume();
    const { execution_id } = await platform.run('new-bot');
    const [order] = await platform.readOrders(execution_id);
    await expect.poll(() => platform.metric('trading_bot_trades_total', { bot_id: 'new-bot', side: 'buy' })).toBe(1);
    expect((await volume()) - before).toBeCloseTo(Number(order?.quantity) * Number(order?.price), 6);
  });
});

describe('an execution whose job is delivered again', () => {
  it('does not change and is not counted again if it has ended', async () => {
    await platform.addPipeline('again');
    const first = await platform.run('again');
    const before = [
      await platform.readExecution(first.execution_id),
      await platform.readStages(first.execution_id),
      await platform.readCash(),
    ];
    const jobs = await platform.metric('celery_tasks_total', { status: 'success' });
    await until(
      15_000,
      'the end of the job',
      async () => (await platform.queue.state(first.execution_id)) === 'unknown',
    );
    await platform.enqueue(first.execution_id);
    await until(
      15_000,
      'the second job',
      async () => (await platform.metric('celery_tasks_total', { status: 'success' })) > jobs,
    );
    expect([
      await platform.readExecution(first.execution_id),
      await platform.readStages(first.execution_id),
      await platform.readCash(),
    ]).toEqual(before);
    await expect.poll(() => platform.metric('pipeline_executions_total', { pipeline_id: 'again' })).toBe(1);
    await expect.poll(() => platform.metric('trading_bot_trades_total', { bot_id: 'again' })).toBe(1);
  });

  it('has five stages, one order and one final status if three workers run it at once', async () => {
    const { db, clock, log, instruments } = platform;
    await platform.addPipeline('two-workers');
    const agents = buildAgents(platform);
    const executionId = await platform.addExecution('two-workers');
    const run = () => runExecution(executionId, { db, agents, clock, log, instruments });
    const results = await Promise.allSettled([run(), run(), run()]);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    for (const result of results) if (result.status === 'rejected') expect(result.reason.name).toBe('ExecutionTaken');
    expect((await platform.readExecution(executionId)).status).toBe('success');
    expect(await platform.readStages(executionId)).toHaveLength(5);
    expect(await platform.readOrders(executionId)).toHaveLength(1);
    await expect.poll(() => platform.metric('pipeline_executions_total', { pipeline_id: 'two-workers' })).toBe(1);
    await expect.poll(() => platform.metric('pipeline_executions_active', { pipeline_id: 'two-workers' })).toBe(0);
  });

  it('keeps the final status that was stored first, and counts it once, if several workers end the execution at once', async () => {
    const { db, clock, log, instruments } = platform;
    await platform.addPipeline('two-ends');
    const executionId = await platform.addExecution('two-ends');
    const options = { db, agents: buildAgents(platform), clock, log, instruments };
    const ends = [{ status: 'success' }, { status: 'failed', reason: 'too late' }] as const;
    await Promise.all(ends.map((end) => finishExecution(executionId, end, options)));
    const stored = await platform.readExecution(executionId);
    expect(['success', 'failed']).toContain(stored.status);
    await finishExecution(executionId, { status: 'failed', reason: 'far too late' }, options);
    expect(await platform.readExecution(executionId)).toEqual(stored);
    const { status } = stored;
    expect(await platform.metric('pipeline_executions_total', { pipeline_id: 'two-ends' })).toBe(1);
    expect(await platform.metric('pipeline_executions_total', { pipeline_id: 'two-ends', status })).toBe(1);
  });

  it('does not change the database if the execution does not exist, and its job ends', async () => {
    const readWorld = async () => {
      const { db } = platform;
      const tables = ['executions', 'execution_stages', 'orders', 'positions', 'model_calls'] as const;
      const counts = tables.map((table) => db.selectFrom(table).select(db.fn.countAll().as('rows')).execute());
      const portfolio = await db.selectFrom('portfolio').selectAll().execute();
      return { counts: await Promise.all(counts), portfolio };
    };
    const before = await readWorld();
    const jobs = await platform.metric('celery_tasks_total', { status: 'success' });
    await platform.enqueue('no-such-execution');
    await until(
      15_000,
      'the job',
      async () => (await platform.metric('celery_tasks_total', { status: 'success' })) > jobs,
    );
    await until(
      15_000,
      'the end of the job',
      async () => (await platform.queue.state('no-such-execution')) === 'unknown',
    );
    expect(await readWorld()).toEqual(before);
  });
});

describe('reasons to refuse an order', () => {
  const limits = { maxPositionUsd: 1_000, maxDailyLossUsd: 100, maxDrawdown: 0.2 };
  async function reasonOf(pipelineId: string, signal = {}) {
    const execution = await platform.run(pipelineId, signal);
    expect(execution.status).toBe('success');
    expect(await platform.readOrders(execution.execution_id)).toEqual([]);
    const stages = await platform.readStages(execution.execution_id);
    expect(stages[4]?.result).toMatchObject({ ordered: false });
    return stages[3]?.result.reason;
  }

  it('MAX_POSITION, after the position is full', async () => {
    await platform.addPipeline('full', { risk: limits });
    await platform.run('full');
    expect(await reasonOf('full')).toBe('MAX_POSITION');
  });

  it('NO_CASH', async () => {
    await platform.addPipeline('poor', { risk: limits });
    await setPortfolio('0.5');
    expect(await reasonOf('poor')).toBe('NO_CASH');
  });

  it('NO_POSITION, when there is nothing to sell', async () => {
    await platform.addPipeline('empty', { risk: limits });
    expect(await reasonOf('empty', { direction: 'BEARISH' })).toBe('NO_POSITION');
  });

  it('NO_ACTION, on a neutral signal', async () => {
    await platform.addPipeline('neutral', { risk: limits });
    expect(await reasonOf('neutral', { direction: 'NEUTRAL', confidence: 0 })).toBe('NO_ACTION');
  });

  it('STALE_SIGNAL', async () => {
    await platform.addPipeline('stale', { risk: limits });
    expect(await reasonOf('stale', { ageSeconds: 901 })).toBe('STALE_SIGNAL');
  });

  it('DAILY_LOSS, after a sale that lost more today; a loss of yesterday does not count', async () => {
    await platform.addPipeline('loser', { risk: limits });
    await platform.run('loser', { price: 100 });
    await platform.run('loser', { price: 85, direction: 'BEARISH' });
    expect(await reasonOf('loser')).toBe('DAILY_LOSS');
    await platform.db
      .updateTable('orders')
      .set({ created_at: new Date(Date.now() - 86_400_000) })
      .where('pipeline_id', '=', 'loser')
      .execute();
    const next = await platform.run('loser');
    expect(await platform.readOrders(next.execution_id)).toHaveLength(1);
  });

  it('DRAWDOWN, at a fall of the whole portfolio', async () => {
    await platform.addPipeline('fallen', { risk: limits });
    await setPortfolio('80000', '100000');
    expect(await reasonOf('fallen')).toBe('DRAWDOWN');
    await setPortfolio('80001', '100000');
    const next = await platform.run('fallen');
    expect(await platform.readOrders(next.execution_id)).toHaveLength(1);
  });
});

describe('the peak that the drawdown is measured from, while no backend runs', () => {
  const limits = { maxPositionUsd: 60_000, maxDailyLossUsd: 1e6, maxDrawdown: 0.2 };
  const readPeak = async () => {
    const { peak_value_usd } = await platform.db
      .selectFrom('portfolio')
      .select('peak_value_usd')
      .executeTakeFirstOrThrow();
    return Number(peak_value_usd);
  };

  it('rises with prices that a worker values, so that a later fall refuses a purchase', async () => {
    await platform.addPipeline('holder', { risk: limits });
    await platform.addPipeline('buyer', { risk: limits });
    await platform.run('holder', { price: 100 });
    const { quantity } = await platform.db
      .selectFrom('positions')
      .select('quantity')
      .where('pipeline_id', '=', 'holder')
      .executeTakeFirstOrThrow();
    const cash = Number(await platform.readCash());
    // The position is full, so this run places no order. Only its valuation raises the peak.
    const risen = await platform.run('holder', { price: 200 });
    expect(await platform.readOrders(risen.execution_id)).toEqual([]);
    expect(await readPeak()).toBeCloseTo(cash + Number(quantity) * 200, 6);

    const fallen = await platform.run('buyer', { price: 120 });
    expect(await platform.readOrders(fallen.execution_id)).toEqual([]);
    expect((await platform.readStages(fallen.execution_id))[3]?.result).toMatchObject({ reason: 'DRAWDOWN' });
    expect(await readPeak()).toBeCloseTo(cash + Number(quantity) * 200, 6);
  });

  it('rises with a fill, in its transaction', async () => {
    await platform.addPipeline('seller');
    const executionId = await platform.addExecution('seller');
    const { db, clock } = platform;
    const position = { pipeline_id: 'seller', symbol: 'GOOG', quantity: '10', average_price: '100' };
    await db
      .insertInto('positions')
      .values({ ...position, realised_pnl_usd: '0' })
      .execute();
    const broker = createPaperBroker({ db, clock, feeBasisPoints: 10 });
    await broker.placeOrder({ ...buyOne(executionId, 'seller'), side: 'sell', quantity: '10', price: '150' });
    expect(await readPeak()).toBe(101_500);
    expect(await platform.readCash()).toBe('101498.5');
    await endElsewhere(executionId);
  });

  it('does not rise with the price of a stale signal', async () => {
    await platform.addPipeline('old-news', { risk: limits });
    await platform.run('old-news', { price: 100 });
    const before = await readPeak();
    await platform.run('old-news', { price: 900, ageSeconds: 901 });
    expect(await readPeak()).toBe(before);
  });
});

describe('limits are enforced at the moment of the order', () => {
  it('never spends more cash than available, with many executions at once', async () => {
    await setPortfolio('1000.5', '1000.5');
    const pipelines = Array.from({ length: 20 }, (_, index) => `greedy-${index}`);
    for (const id of pipelines)
      await platform.addPipeline(id, { risk: { maxPositionUsd: 300, maxDailyLossUsd: 1e6, maxDrawdown: 1 } });
    const ids = await Promise.all(pipelines.map((id) => platform.addExecution(id)));
    await platform.enqueue(...ids);
    const ends = await Promise.all(ids.map((id) => platform.ended(id)));
    expect(ends.map(({ status }) => status)).toEqual(ids.map(() => 'success'));
    const { rows } = await sql<{ spent: string; filled: number }>`
      select sum(quantity * price + fee_usd) as spent, count(*)::int as filled from orders
      where pipeline_id like 'greedy-%' and status = 'filled'`.execute(platform.db);
    const cash = await platform.readCash();
    expect(rows[0]?.filled).toBeGreaterThanOrEqual(3);
    expect(Number(cash)).toBeGreaterThanOrEqual(0);
    expect(new Exact(rows[0]?.spent ?? 0).add(cash).toString()).toBe('1000.5');
  });
});

it('an order is refused when its pipeline is paused after the risk manager approved it', async () => {
  const stopped: Platform = await startPlatform({
    redisUrl: platform.redisUrl.replace(/5$/, '6'),
    changeAgents: interrupt('trade-manager', 1, async () => {
      await stopped.db.updateTable('pipelines').set({ status: 'paused' }).execute();
    }),
  });
  try {
    await stopped.addPipeline('kill-switch');
    const execution = await stopped.run('kill-switch');
    expect(execution.status).toBe('success');
    expect(await stopped.readOrders(execution.execution_id)).toMatchObject([
      { status: 'rejected', reason: 'PIPELINE_PAUSED' },
    ]);
    expect(await stopped.readCash()).toBe('100000');
    await expect.poll(() => stopped.metric('trading_bot_trades_total', { status: 'rejected' })).toBe(1);
  } finally {
    await stopped.stop();
  }
});

describe('reasons not to start an execution', () => {
  it.each(['paused', 'stopped', 'deleted'] as const)(
    'a %s pipeline: skipped, not counted, without a stage or an order',
    async (status) => {
      await platform.addPipeline(`is-${status}`, { status });
      const execution = await platform.run(`is-${status}`);
      expect(execution).toMatchObject({
        status: 'skipped',
        reason: expect.stringMatching(`^PIPELINE_${status.toUpperCase()}: `),
      });
      expect(await platform.readStages(execution.execution_id)).toEqual([]);
      expect(await platform.readOrders(execution.execution_id)).toEqual([]);
      await expect.poll(() => platform.metric('pipeline_executions_total', { pipeline_id: `is-${status}` })).toBe(0);
    },
  );

  it.each(modesWithoutBroker)('mode %s: fails, because the mode has no broker, and is counted', async (mode) => {
    await platform.addPipeline(mode, { mode });
    expect(await platform.run(mode)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^NO_LIVE_BROKER: .*paper/),
    });
    await expect
      .poll(() => platform.metric('pipeline_executions_total', { pipeline_id: mode, status: 'failed' }))
      .toBe(1);
  });

  it('a signal and a ticker without a price: fails at once, with the stage that has the reason', async () => {
    const failed = { agent: 'market-data', status: 'failed' };
    const before = await platform.metric('agent_execution_duration_seconds_count', failed);
    await platform.addPipeline('unknown', { tickers: ['NOPE'] });
    const execution = await platform.run('unknown', { price: null }, 'NOPE');
    expect(execution).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^NO_PRICE: /) });
    expect(await platform.readStages(execution.execution_id)).toMatchObject([
      { agent: 'market-data', status: 'failed' },
    ]);
    await expect.poll(() => platform.metric('agent_execution_duration_seconds_count', failed)).toBe(before + 1);
  });

  it('a signal that does not name its ticker: fails', async () => {
    await platform.addPipeline('mistaken');
    const id = await platform.addExecution('mistaken', {}, 'OTHER');
    await platform.db.updateTable('executions').set({ ticker: 'GOOG' }).where('execution_id', '=', id).execute();
    await platform.enqueue(id);
    expect(await platform.ended(id)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^SIGNAL_NOT_FOUND: /),
    });
  });
});

describe('lost executions', () => {
  const sweep = () => {
    const { db, clock, log, instruments, queue } = platform;
    return sweepLostExecutions({ db, agents: buildAgents(platform), clock, log, instruments, queue });
  };
  const age = { created_at: longAgo(), started_at: longAgo() };

  it('are enqueued again if they are running and their job is gone', async () => {
    await platform.addPipeline('job-gone');
    const id = await platform.addExecution('job-gone');
    await platform.db
      .updateTable('executions')
      .set({ status: 'running', ...age })
      .where('execution_id', '=', id)
      .execute();
    await sweep();
    expect((await platform.ended(id)).status).toBe('success');
  });

  it('are left alone if they made progress just now', async () => {
    await platform.addPipeline('job-new');
    const id = await platform.addExecution('job-new');
    await platform.db
      .updateTable('executions')
      .set({ status: 'running', ...age, started_at: new Date() })
      .where('execution_id', '=', id)
      .execute();
    await sweep();
    expect(await platform.queue.state(id)).toBe('unknown');
    await platform.enqueue(id);
    await platform.ended(id);
  });
});

it('a database connection that breaks between two queries of a transaction fails that transaction only', async () => {
  const { db } = platform;
  const transaction = db.transaction().execute(async (open) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(open);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db);
    await sleep(200);
    await sql`select 1`.execute(open);
  });
  await expect(transaction).rejects.toSatisfy(isDatabaseAway);
  await Promise.all(Array.from({ length: 6 }, () => sql`select 1`.execute(db)));
});

it('counts the executions and stages that the database holds, and none as active at the end', async () => {
  const counting = await startPlatform({ redisUrl: platform.redisUrl.replace(/5$/, '6') });
  try {
    await counting.addBars('GOOG');
    await counting.addPipeline('works');
    await counting.addPipeline('fails', { tickers: ['NOPE'] });
    await counting.addPipeline('rests', { status: 'paused' });
    for (const direction of ['BULLISH', 'BEARISH', 'NEUTRAL'] as const) await counting.run('works', { direction });
    for (let run = 0; run < 2; run += 1) await counting.run('fails', { price: null }, 'NOPE');
    await counting.run('rests');

    const { rows } = await sql<{ status: string; executions: number }>`
      select status, count(*)::int as executions from executions where status <> 'skipped' group by status order by status`.execute(
      counting.db,
    );
    expect(rows).toEqual([
      { status: 'failed', executions: 2 },
      { status: 'success', executions: 3 },
    ]);
    for (const { status, executions } of rows) {
      await expect.poll(() => counting.metric('pipeline_executions_total', { status })).toBe(executions);
      await expect
        .poll(() => counting.metric('pipeline_execution_duration_seconds_count', { status }))
        .toBe(executions);
    }
    const stages = await sql<{ agent: string; status: string; stages: number }>`
      select agent, status, count(*)::int as stages from execution_stages group by agent, status`.execute(counting.db);
    expect(stages.rows).toHaveLength(6);
    for (const { agent, status, stages: expected } of stages.rows) {
      await expect
        .poll(() => counting.metric('agent_execution_duration_seconds_count', { agent, status }))
        .toBe(expected);
    }
    await expect.poll(() => counting.metric('pipeline_executions_active')).toBe(0);
    await expect.poll(() => counting.metric('celery_active_tasks')).toBe(0);
  } finally {
    await counting.stop();
  }
});

describe('a stage that throws', () => {
  it('is tried again, and the execution continues after the last stored stage', async () => {
    const flaky = await startPlatform({
      redisUrl: platform.redisUrl.replace(/5$/, '6'),
      changeAgents: interrupt('strategy', 1, () => {
        throw new Error('out of luck');
      }),
    });
    try {
      await flaky.addBars('GOOG');
      await flaky.addPipeline('resumes');
      const id = await flaky.addExecution('resumes');
      await flaky.enqueue(id);
      const early = await until(15_000, 'two stages', async () => {
        const stages = await flaky.readStages(id);
        return stages.length === 2 ? stages : undefined;
      });
      const execution = await flaky.ended(id);
      expect(execution.status).toBe('success');
      const stages = await flaky.readStages(id);
      expect(stages).toHaveLength(5);
      expect(stages.slice(0, 2)).toEqual(early);
      await expect.poll(() => flaky.metric('celery_tasks_total', { status: 'retried' })).toBe(1);
      await expect.poll(() => flaky.metric('celery_tasks_total', { status: 'success' })).toBe(1);
      await expect.poll(() => flaky.metric('agent_execution_duration_seconds_count', { agent: 'market-data' })).toBe(1);
    } finally {
      await flaky.stop();
    }
  });

  it('fails the execution at the last attempt; the reason names the stage and the error', async () => {
    const broken = await startPlatform({
      redisUrl: platform.redisUrl.replace(/5$/, '6'),
      changeAgents: interrupt('bias', Number.POSITIVE_INFINITY, () => {
        throw new Error('out of luck');
      }),
    });
    try {
      await broken.addBars('GOOG');
      await broken.addPipeline('fails');
      const execution = await broken.run('fails');
      expect(execution).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/^STAGE_FAILED: .*bias.*out of luck/),
      });
      expect(await broken.readStages(execution.execution_id)).toMatchObject([
        { agent: 'market-data', status: 'success' },
        { agent: 'bias', status: 'failed', result: { error: 'out of luck' } },
      ]);
      await until(
        15_000,
        'the failed job',
        async () => (await broken.metric('celery_tasks_total', { status: 'failed' })) === 1,
      );
      await expect.poll(() => broken.metric('celery_tasks_total', { status: 'retried' })).toBe(2);
      await expect
        .poll(() => broken.metric('pipeline_executions_total', { pipeline_id: 'fails', status: 'failed' }))
        .toBe(1);
      expect(await broken.queue.state(execution.execution_id)).toBe('failed');

      // Restore the state of an execution whose worker died before it stored the final status.
      const { db, clock, log, instruments, queue } = broken;
      const lost = { status: 'running', finished_at: null, created_at: longAgo(), started_at: longAgo() } as const;
      await db.updateTable('executions').set(lost).where('execution_id', '=', execution.execution_id).execute();
      await db.updateTable('execution_stages').set({ finished_at: longAgo() }).execute();
      await sweepLostExecutions({ db, agents: buildAgents(broken), clock, log, instruments, queue });
      expect(await broken.readExecution(execution.execution_id)).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/^JOB_FAILED: /),
      });
    } finally {
      await broken.stop();
    }
  });
});
