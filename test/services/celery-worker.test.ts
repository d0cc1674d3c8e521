import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isDatabaseAway } from '#kit/postgres/database-away.ts';
import { createPaperBroker } from '../../services/celery-worker/paper-broker.ts';
import { finishExecution, runExecution } from '../../services/celery-worker/run-execution.ts';
import { type Agents, createAgents } from '../../services/celery-worker/stages.ts';
import { sweepLostExecutions } from '../../services/celery-worker/sweep-lost-executions.ts';
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
  const broker = createPaperBroker({ db, clock, feeBasisPoints: 10, onOrder: () => undefined });
  return createAgents({ db, broker, clock, feeBasisPoints: 10, maxSignalAgeSeconds: 900 });
}

async function setPortfolio(cash: string, peak = cash): Promise<void> {
  await platform.db.updateTable('portfolio').set({ cash_usd: cash, peak_value_usd: peak }).execute();
}
afterEach(async () => {
  await platform.db.deleteFrom('positions').execute();
  await setPortfolio('100000');
});

/** An order for one share at 50, as the trade manager places it. */
const buyOne = (executionId: string, pipelineId: string) => {
  const limits = { maxPositionUsd: 10_000, maxDailyLossUsd: 100, maxDrawdown: 0.5 };
  return { executionId, pipelineId, symbol: 'GOOG', side: 'buy', quantity: '1', price: '50', limits } as const;
};

/** Ends an execution past the worker. */
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

    // 1000 / 33.3 rounded down; fee 10 basis points, rounded up at the 8th digit.
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

  it('sums in cash exactly what the orders say', async () => {
    const { rows } = await sql<{ expected: string }>`
      select 100000 + sum(case side when 'sell' then quantity * price - fee_usd else -quantity * price - fee_usd end) as expected
      from orders where pipeline_id = 'whole' and status = 'filled'`.execute(platform.db);
    expect(Number(rows[0]?.expected)).toBe(100198.999999991);
  });

  it('never looks at bars after the one that made the signal', async () => {
    await platform.addPipeline('late', { stages: [{ agent: 'market-data' }] });
    const run = await platform.run('late', { barTime: '2024-06-01T00:00:00Z' });
    const [stage] = await platform.readStages(run.execution_id);
    expect(stage?.result).toMatchObject({ last_bar: '2024-06-01T00:00:00.000Z', bars: 231 });
  });

  it('runs by hand without a signal, at the last close', async () => {
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
});

describe('delivered again', () => {
  it('an execution that has ended is left as it is, and not counted again', async () => {
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

  it('one order comes of many tries at once', async () => {
    await platform.addPipeline('many-tries');
    const executionId = await platform.addExecution('many-tries');
    let placed = 0;
    const { db, clock } = platform;
    const broker = createPaperBroker({ db, clock, feeBasisPoints: 10, onOrder: () => void placed++ });
    const intent = buyOne(executionId, 'many-tries');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => broker.placeOrder(intent)));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(placed).toBe(1);
    expect(await platform.readOrders(executionId)).toHaveLength(1);
    expect(await platform.readCash()).toBe('99949.95');
    await endElsewhere(executionId);
  });

  it('run by two workers at once, it has five stages, one order and one end', async () => {
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

  it('ended by two at once, it has the first end, and is counted once', async () => {
    const { db, clock, log, instruments } = platform;
    await platform.addPipeline('two-ends');
    const executionId = await platform.addExecution('two-ends');
    const options = { db, agents: buildAgents(platform), clock, log, instruments };
    const ends = [{ status: 'success' }, { status: 'failed', reason: 'too late' }] as const;
    await Promise.all(ends.map((end) => finishExecution(executionId, end, options)));
    await finishExecution(executionId, { status: 'failed', reason: 'far too late' }, options);
    const { status } = await platform.readExecution(executionId);
    expect(await platform.metric('pipeline_executions_total', { pipeline_id: 'two-ends' })).toBe(1);
    expect(await platform.metric('pipeline_executions_total', { pipeline_id: 'two-ends', status })).toBe(1);
  });

  it('the job of an execution that is not stored ends, and nothing comes of it', async () => {
    const jobs = await platform.metric('celery_tasks_total', { status: 'success' });
    await platform.enqueue('no-such-execution');
    await until(
      15_000,
      'the job',
      async () => (await platform.metric('celery_tasks_total', { status: 'success' })) > jobs,
    );
  });
});

describe('what refuses an order', () => {
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

  it('DAILY_LOSS, after a sale that lost more; a loss of yesterday does not count', async () => {
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

describe('limits hold in the moment of the order', () => {
  it('never spends more cash than there is, with many executions at once', async () => {
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
    expect(Number(rows[0]?.spent) + Number(cash)).toBeCloseTo(1000.5, 9);
  });

  it('refuses at the broker what the risk manager approved before the cash was gone, and stores the refusal', async () => {
    await platform.addPipeline('too-late');
    const executionId = await platform.addExecution('too-late');
    const { db, clock } = platform;
    const broker = createPaperBroker({ db, clock, feeBasisPoints: 10, onOrder: () => undefined });
    await setPortfolio('10', '10');
    const intent = buyOne(executionId, 'too-late');
    expect(await broker.placeOrder(intent)).toMatchObject({ status: 'rejected', reason: 'NO_CASH' });
    await setPortfolio('100000');
    // The answer stands: a second try is the same order.
    expect(await broker.placeOrder(intent)).toMatchObject({ status: 'rejected', reason: 'NO_CASH' });
    expect(await platform.readOrders(executionId)).toMatchObject([
      { status: 'rejected', reason: 'NO_CASH', fee_usd: '0' },
    ]);
    await endElsewhere(executionId);
  });

  it('an execution that was ended meanwhile does not order', async () => {
    await platform.addPipeline('ended');
    const executionId = await platform.addExecution('ended');
    const { db, clock } = platform;
    await endElsewhere(executionId);
    const broker = createPaperBroker({ db, clock, feeBasisPoints: 10, onOrder: () => undefined });
    const intent = buyOne(executionId, 'ended');
    await expect(broker.placeOrder(intent)).rejects.toThrow('another worker');
    expect(await platform.readOrders(executionId)).toEqual([]);
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

describe('what keeps an execution from starting', () => {
  it.each(['paused', 'deleted'] as const)('a %s pipeline: skipped, not counted, nothing ordered', async (status) => {
    await platform.addPipeline(`is-${status}`, { status });
    const execution = await platform.run(`is-${status}`);
    expect(execution).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(`^PIPELINE_${status.toUpperCase()}: `),
    });
    expect(await platform.readStages(execution.execution_id)).toEqual([]);
    await expect.poll(() => platform.metric('pipeline_executions_total', { pipeline_id: `is-${status}` })).toBe(0);
  });

  it('mode live, for there is no live broker', async () => {
    await platform.addPipeline('live', { mode: 'live' });
    expect(await platform.run('live')).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/^NO_LIVE_BROKER: .*paper/),
    });
    await expect
      .poll(() => platform.metric('pipeline_executions_total', { pipeline_id: 'live', status: 'failed' }))
      .toBe(1);
  });

  it('no price: fails at once, with the stage that says so', async () => {
    await platform.addPipeline('unknown', { tickers: ['NOPE'] });
    const execution = await platform.run('unknown', { price: null }, 'NOPE');
    expect(execution).toMatchObject({ status: 'failed', reason: expect.stringMatching(/^NO_PRICE: /) });
    expect(await platform.readStages(execution.execution_id)).toMatchObject([
      { agent: 'market-data', status: 'failed' },
    ]);
    await expect
      .poll(() => platform.metric('agent_execution_duration_seconds_count', { agent: 'market-data', status: 'failed' }))
      .toBe(1);
  });

  it('a signal that does not name its ticker', async () => {
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

  it('a running one whose job is gone is enqueued again', async () => {
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

  it('one of which something was stored just now is left alone', async () => {
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

it('a database connection that breaks inside a transaction, between two queries, fails it and nothing else', async () => {
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

it('counts what the rows say', async () => {
  const { rows } = await sql<{ status: string; executions: number }>`
    select status, count(*)::int as executions from executions
    where status in ('success', 'failed') and pipeline_id not in ('many-tries', 'too-late', 'ended') group by status`.execute(
    platform.db,
  );
  for (const { status, executions } of rows) {
    await expect.poll(() => platform.metric('pipeline_executions_total', { status })).toBe(executions);
    await expect.poll(() => platform.metric('pipeline_execution_duration_seconds_count', { status })).toBe(executions);
  }
  expect(rows.map(({ status }) => status).sort()).toEqual(['failed', 'success']);
  const stages = await sql<{ agent: string; status: string; stages: number }>`
    select agent, status, count(*)::int as stages from execution_stages group by agent, status`.execute(platform.db);
  for (const { agent, status, stages: expected } of stages.rows) {
    await expect
      .poll(() => platform.metric('agent_execution_duration_seconds_count', { agent, status }))
      .toBe(expected);
  }
  const { rows: depth } = await sql<{
    active: number;
  }>`select count(*)::int as active from executions where status = 'running'`.execute(platform.db);
  expect(depth[0]?.active).toBe(0);
  await expect.poll(() => platform.metric('pipeline_executions_active')).toBe(0);
  await expect.poll(() => platform.metric('celery_active_tasks')).toBe(0);
});

describe('a stage that throws', () => {
  it('is tried again, and the execution goes on after the last stage stored', async () => {
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

  it('at every attempt fails the execution, which says where and why', async () => {
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

      // As when its worker had died before it could store this end.
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
