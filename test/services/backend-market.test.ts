import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { topics } from '#catalogue/topics.ts';
import { kafkaConfigSchema, readConfig } from '#kit/config.ts';
import { kafkaFrom } from '#kit/kafka/kafka.ts';
import { type Publisher, startPublisher } from '#kit/kafka/publisher.ts';
import type { Bar } from '#trading/market/bar.ts';
import { eventually } from '../support/eventually.ts';
import { definition, type Platform, startPlatform } from './backend-platform.ts';
import { startBackend } from './backend-process.ts';

let platform: Platform;
let publisher: Publisher;
/** Symbol of the running test. Each test has its own, because the backend keeps prices, and other test files publish to the same topic. */
let symbol = '';
let symbols = 0;

beforeAll(async () => {
  platform = await startPlatform();
  const log = pino({ level: 'silent' });
  const config = readConfig(kafkaConfigSchema, { KAFKA_BROKERS: inject('kafkaBrokers') });
  publisher = await startPublisher(kafkaFrom(config, 'test')({ log }).client, log);
});

beforeEach(async () => {
  symbols += 1;
  symbol = `M${process.pid}N${symbols}`;
  await sql`truncate pipelines, executions, orders, positions cascade`.execute(platform.db);
  await platform.db.updateTable('portfolio').set({ cash_usd: '100000', peak_value_usd: '100000' }).execute();
});

afterAll(async () => {
  await publisher?.stop();
  await platform?.stop();
});

function bar(day: number, close: number, change: Partial<Bar> = {}): Bar {
  const open_time = new Date(Date.UTC(2020, 0, 1 + day)).toISOString();
  const prices = { open: close, high: close, low: close, close, volume: 1 };
  return {
    symbol,
    timeframe: '1d',
    source: 'replay',
    open_time,
    sequence: day,
    ...prices,
    emitted_at: Date.now() / 1_000,
    ...change,
  };
}

async function publish(...values: (Bar | string)[]): Promise<void> {
  const messages = values.map((value) => ({
    key: symbol,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));
  await publisher.publish(topics.marketData.name, messages);
}

const storedBars = () =>
  platform.db.selectFrom('bars').selectAll().where('symbol', '=', symbol).orderBy('open_time').execute();

describe('market data', () => {
  it('is stored once, and counted and timed; messages that are not bars are logged and sent to the dead-letter topic', async () => {
    const logged = platform.backend.log.length;
    await publish(bar(0, 10), bar(1, 11.25), 'not json', '{"symbol":1}', bar(1, 11.25));
    await eventually(async () => expect(await storedBars()).toHaveLength(2));
    await publish(bar(2, 12));
    await eventually(async () => expect((await storedBars()).map(({ close }) => close)).toEqual([10, 11.25, 12]));
    const updates = `market_data_updates_total{symbol="${symbol}",source="replay"}`;
    await eventually(async () => expect(await platform.backend.readSeries(updates)).toBe(4));
    expect(await platform.backend.readSeries('market_data_lag_seconds_count{source="replay"}')).toBeGreaterThanOrEqual(
      4,
    );
    const skipped = platform.backend.log
      .slice(logged)
      .filter(({ message }) => message === 'message rejected, sent to the dead-letter topic');
    expect(skipped.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['not_json', expect.stringContaining('JSON')],
      ['not_a_bar', expect.stringContaining('symbol: ')],
    ]);
    for (const line of skipped)
      expect(line).toMatchObject({ topic: topics.marketData.name, offset: expect.stringMatching(/^\d+$/) });
  });
});

/** Creates the pipeline `bot` with a position of 0.3 of the symbol, bought at a price of 20; the price is now 30.1. */
async function createBot(): Promise<void> {
  await platform.call('POST /api/v1/pipelines', { pipeline_id: 'bot', name: 'Bot', ...definition });
  // 0.1 + 0.2, because floating-point numbers cannot represent this sum.
  await platform.db
    .insertInto('positions')
    .values({ pipeline_id: 'bot', symbol, quantity: '0.3', average_price: '20', realised_pnl_usd: '1.1' })
    .execute();
  await publish(bar(3, 30.1));
  await eventually(async () => expect(await storedBars()).toHaveLength(1));
}

describe('portfolio and bots', () => {
  it('are valued at the last price: exactly in the API, and as gauges', async () => {
    const { call, db, backend, addExecution, addOrder } = platform;
    await db.updateTable('portfolio').set({ cash_usd: '99000.000000000000001' }).execute();
    await createBot();
    await call('POST /api/v1/pipelines', {
      pipeline_id: 'watcher',
      name: 'No bot',
      ...definition,
      stages: [{ agent: 'market-data' }],
    });
    const executionId = await addExecution('bot');
    const orderId = await addOrder('bot', executionId, { symbol });
    await addOrder('bot', executionId, { symbol, status: 'rejected', reason: 'MAX_POSITION' });
    const portfolio = await eventually(async () => {
      const { body } = await call('GET /api/v1/portfolio');
      expect(body.total_value_usd).toBe('99009.030000000000001');
      return body;
    });
    expect(portfolio).toMatchObject({
      cash_usd: '99000.000000000000001',
      peak_value_usd: '100000',
      realised_pnl_usd: '1.1',
      unrealised_pnl_usd: '3.03',
      pnl_usd: '4.13',
      positions: [{ symbol, quantity: '0.3', last_price: '30.1', value_usd: '9.03', pnl_usd: '4.13' }],
    });
    expect(portfolio.drawdown_ratio).toBeCloseTo(0.0099097, 7);

    const { body: bots } = await call('GET /api/v1/bots');
    expect(bots.items).toMatchObject([
      { bot_id: 'bot', status: 'running', trades: { filled: 1, rejected: 1 }, pnl_usd: '4.13' },
    ]);
    const { body: bot } = await call('GET /api/v1/bots/bot');
    expect(bot.recent_orders.map((order: { client_order_id: string }) => order.client_order_id)).toContain(orderId);
    expect((await call('GET /api/v1/bots/watcher')).status).toBe(404);

    await eventually(async () => expect(await backend.readSeries('portfolio_total_value_usd')).toBeCloseTo(99_009.03));
    expect(await backend.readSeries('portfolio_cash_balance_usd')).toBe(99_000);
    expect(await backend.readSeries('portfolio_drawdown_ratio')).toBeCloseTo(0.0099097, 7);
    expect(await backend.readSeries(`portfolio_positions_count{symbol="${symbol}"}`)).toBe(1);
    expect(await backend.readSeries(`trading_bot_pnl_usd{bot_id="bot",symbol="${symbol}"}`)).toBeCloseTo(4.13);
    expect(await backend.readSeries('trading_bots_active_total{status="running"}')).toBe(1);
  });

  it('raise the peak if the value exceeds it, and measure the drawdown from there', async () => {
    const { db, backend, call } = platform;
    await createBot();
    await db.updateTable('portfolio').set({ cash_usd: '150000' }).execute();
    const peak = () => db.selectFrom('portfolio').select('peak_value_usd').executeTakeFirstOrThrow();
    await eventually(async () => expect(await peak()).toEqual({ peak_value_usd: '150009.03' }));
    await db.updateTable('portfolio').set({ cash_usd: '120000' }).execute();
    await eventually(async () => expect(await backend.readSeries('portfolio_drawdown_ratio')).toBeCloseTo(0.19999, 4));
    expect((await call('GET /api/v1/portfolio')).body.peak_value_usd).toBe('150009.03');
  });

  it('show a bot as paused and stopped, and drop a closed position', async () => {
    const { call, db, backend } = platform;
    await createBot();
    await call('POST /api/v1/pipelines/bot/pause');
    expect((await call('GET /api/v1/bots?status=paused')).body.items).toHaveLength(1);
    await eventually(async () =>
      expect(await backend.readSeries('trading_bots_active_total{status="paused"}')).toBe(1),
    );
    await call('DELETE /api/v1/pipelines/bot');
    expect((await call('GET /api/v1/bots/bot')).body.status).toBe('stopped');
    const openPositions = () => backend.readSeries(`portfolio_positions_count{symbol="${symbol}"}`);
    await eventually(async () => expect(await openPositions()).toBe(1));
    await db.updateTable('positions').set({ quantity: '0' }).execute();
    await eventually(async () => expect(await openPositions()).toBeUndefined());
    expect((await call('GET /api/v1/portfolio')).body.positions).toEqual([]);
  });

  it('are valued at the stored prices by a second backend, which also learns of new bars', async () => {
    await createBot();
    const other = await startBackend(platform.env);
    onTestFinished(async () => {
      await other.stop();
    });
    const value = async () =>
      (await (await fetch(`${other.api}/api/v1/portfolio`)).json()) as { positions: { last_price: string }[] };
    await eventually(async () => expect((await value()).positions[0]?.last_price).toBe('30.1'));
    await publish(bar(4, 31));
    await eventually(async () => expect((await value()).positions[0]?.last_price).toBe('31'));
    expect(await other.stop()).toBe(0);
  });
});
