import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Exact } from '#trading/money.ts';
import type { Broker, OrderReport } from '#trading/orders/broker.ts';
import { modesWithBroker } from '#trading/orders/order.ts';
import { openBrokers } from '../../services/celery-worker/brokers/open-brokers.ts';
import { type Platform, startPlatform } from './celery-worker-platform.ts';

/** Every broker must pass these tests. `open-brokers.ts` opens the broker of each mode, on a real database. */
describe.each(modesWithBroker)('the broker of mode %s', (mode) => {
  let platform: Platform;
  let broker: Broker;
  const reports: OrderReport[] = [];
  let pipelines = 0;

  beforeAll(async () => {
    platform = await startPlatform({ idle: true });
    broker = openBrokers(platform)(mode);
    broker.onReport((report) => void reports.push(report));
  });
  afterAll(() => platform?.stop());
  afterEach(async () => {
    reports.length = 0;
    await platform.db.deleteFrom('positions').execute();
    await setCash('100000');
  });

  async function setCash(cash: string): Promise<void> {
    await platform.db.updateTable('portfolio').set({ cash_usd: cash, peak_value_usd: cash }).execute();
  }

  /** Creates an execution, and returns an order of it for one share at 50. By default, the execution belongs to a new pipeline. */
  async function intentOf(pipelineId = `broker-${pipelines++}`) {
    const known = await platform.db
      .selectFrom('pipelines')
      .select('pipeline_id')
      .where('pipeline_id', '=', pipelineId)
      .execute();
    if (known.length === 0) await platform.addPipeline(pipelineId, { mode });
    const executionId = await platform.addExecution(pipelineId);
    const limits = { maxPositionUsd: 10_000, maxDailyLossUsd: 100, maxDrawdown: 0.5 };
    return { executionId, pipelineId, symbol: 'GOOG', side: 'buy' as const, quantity: '1', price: '50', limits };
  }

  async function endExecution(executionId: string): Promise<void> {
    const end = { status: 'failed', finished_at: new Date() } as const;
    await platform.db.updateTable('executions').set(end).where('execution_id', '=', executionId).execute();
  }

  async function readPosition(pipelineId: string) {
    return platform.db.selectFrom('positions').selectAll().where('pipeline_id', '=', pipelineId).executeTakeFirst();
  }

  it('places one order for an execution and reports it once, however often and concurrently the order is requested', async () => {
    const intent = await intentOf();
    const answers = await Promise.all(Array.from({ length: 10 }, () => broker.placeOrder(intent)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(reports).toEqual([answers[0]]);
    expect(await platform.readOrders(intent.executionId)).toHaveLength(1);
    expect((await readPosition(intent.pipelineId))?.quantity).toBe('1');
  });

  it('books exactly the reported fill in cash and position, to the last digit', async () => {
    const intent = { ...(await intentOf()), quantity: '3.14159265', price: '33.37' };
    const report = await broker.placeOrder(intent);
    expect(report).toMatchObject({ status: 'filled', quantity: '3.14159265', filledQuantity: '3.14159265' });
    const cost = new Exact(report.filledQuantity).mul(report.averagePrice ?? 0).add(report.feeUsd);
    expect(await platform.readCash()).toBe(new Exact(100_000).sub(cost).toString());
    expect((await readPosition(intent.pipelineId))?.quantity).toBe(report.filledQuantity);
  });

  it('realises the profit of a sale, less its fee', async () => {
    const bought = await intentOf();
    const purchase = await broker.placeOrder(bought);
    await endExecution(bought.executionId);
    const sold = await intentOf(bought.pipelineId);
    const sale = await broker.placeOrder({ ...sold, side: 'sell', price: '60' });
    const cost = new Exact(50).add(purchase.feeUsd);
    expect(sale.realisedPnlUsd).toBe(new Exact(60).sub(sale.feeUsd).sub(cost).toString());
    expect(await platform.readCash()).toBe(new Exact(100_000).add(sale.realisedPnlUsd).toString());
  });

  it('rejects an order that breaks a limit, and rejects the same order again although the limit would now allow it', async () => {
    const intent = await intentOf();
    await setCash('10');
    const rejection = { status: 'rejected', reason: 'NO_CASH', filledQuantity: '0', feeUsd: '0' };
    expect(await broker.placeOrder(intent)).toMatchObject(rejection);
    await setCash('100000');
    expect(await broker.placeOrder(intent)).toMatchObject(rejection);
    expect(reports).toMatchObject([rejection]);
    expect(await platform.readOrders(intent.executionId)).toMatchObject([
      { status: 'rejected', reason: 'NO_CASH', fee_usd: '0', mode },
    ]);
    expect(await platform.readCash()).toBe('100000');
    expect(await readPosition(intent.pipelineId)).toBeUndefined();
  });

  it('never spends more cash than available, with many orders at once', async () => {
    await setCash('120');
    const intents = await Promise.all(Array.from({ length: 10 }, () => intentOf()));
    const answers = await Promise.all(intents.map((intent) => broker.placeOrder(intent)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(2).fill('filled'),
      ...Array(8).fill('rejected'),
    ]);
    expect(await platform.readCash()).toBe('19.9');
  });

  it('places no order for an execution that has ended meanwhile', async () => {
    const intent = await intentOf();
    await endExecution(intent.executionId);
    await expect(broker.placeOrder(intent)).rejects.toThrow('another worker');
    expect(await platform.readOrders(intent.executionId)).toEqual([]);
    expect(reports).toEqual([]);
    expect(await platform.readCash()).toBe('100000');
  });

  it('refuses an order of a pipeline that was paused meanwhile', async () => {
    const intent = await intentOf();
    const { pipelineId } = intent;
    await platform.db
      .updateTable('pipelines')
      .set({ status: 'paused' })
      .where('pipeline_id', '=', pipelineId)
      .execute();
    expect(await broker.placeOrder(intent)).toMatchObject({ status: 'rejected', reason: 'PIPELINE_PAUSED' });
    expect(await platform.readCash()).toBe('100000');
  });
});
