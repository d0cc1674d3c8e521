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
    await publish(bar(2, 12, { closed_at: Date.now() / 1_000 - 40 }));
    const late = (le: string) =>
      platform.backend.readSeries(`market_data_lag_seconds_bucket{le="${le}",source="replay"}`);
    await eventually(async () => expect([await late('30'), await late('60')]).toEqual([4, 5]));
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

describe('pipelines that nothing can start', () => {
  it('are created with warnings that name what is nearest; what a generator declares is known at once', async () => {
    const { call } = platform;
    const create = (ticker: string, timeframe: string) =>
      call('POST /api/v1/pipelines', {
        name: 'Silent',
        trigger: { mode: 'signal', signals: [{ type: 'macd', timeframe }] },
        tickers: [ticker],
      });
    const closed = `${symbol}C`;
    const emits = JSON.stringify({ series: [[closed, '1h']], types: ['macd'] });
    await publisher.publish(topics.marketData.name, [
      { key: symbol, value: JSON.stringify(bar(0, 10)), headers: { emits } },
    ]);
    await eventually(async () => expect((await create(closed, '1h')).body.warnings).toEqual([]));

    const { status, body } = await create(`${closed}T`, '5m');
    expect(status).toBe(201);
    const code = expect.stringMatching(/^(not-seen-yet|never-seen)$/);
    expect(body.warnings).toEqual([
      {
        path: 'tickers[0]',
        code,
        message: expect.stringContaining(`nothing emits ${closed}T; the nearest is ${closed}`),
      },
    ]);
    const patched = await call(`PATCH /api/v1/pipelines/${body.pipeline_id}`, { tickers: [closed] });
    expect(patched.body.warnings).toEqual([
      { path: 'tickers[0]', code, message: `nothing emits macd 5m of ${closed}; it has 1h (macd)` },
      { path: 'trigger.signals[0]', code, message: expect.stringContaining('nothing emits macd 5m of any ticker') },
    ]);
    const { name, trigger, tickers } = patched.body;
    const anyLength = { ...{ name, tickers }, trigger: { ...trigger, signals: [{ type: 'macd' }] } };
    expect((await call(`PUT /api/v1/pipelines/${body.pipeline_id}`, anyLength)).body.warnings).toEqual([]);
    expect((await call(`GET /api/v1/pipelines/${body.pipeline_id}`)).body.warnings).toEqual([]);
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

  it('stop a bot and start it again, apart from deleted ones', async () => {
    const { call, backend } = platform;
    await createBot();
    const bots = (status: string) => backend.readSeries(`trading_bots_active_total{status="${status}"}`);
    expect((await call('POST /api/v1/bots/bot/stop')).body.status).toBe('stopped');
    expect((await call('GET /api/v1/bots?status=stopped')).body.items).toHaveLength(1);
    expect((await call('POST /api/v1/pipelines/bot/run')).body).toMatchObject({
      status: 409,
      type: expect.stringContaining('pipeline-stopped'),
    });
    await eventually(async () => expect([await bots('stopped'), await bots('running')]).toEqual([1, 0]));

    expect((await call('POST /api/v1/bots/bot/start')).body.status).toBe('active');
    await eventually(async () => expect([await bots('stopped'), await bots('running')]).toEqual([0, 1]));

    await call('DELETE /api/v1/pipelines/bot');
    await eventually(async () => expect([await bots('stopped'), await bots('running')]).toEqual([0, 0]));
    expect((await call('GET /api/v1/bots')).body.items).toEqual([]);
    expect((await call('GET /api/v1/bots?status=deleted')).body.items).toMatchObject([{ status: 'deleted' }]);
    expect((await call('POST /api/v1/bots/bot/start')).body).toMatchObject({
      status: 409,
      type: expect.stringContaining('pipeline-deleted'),
    });
    expect((await call('POST /api/v1/bots/nobody/stop')).body).toMatchObject({
      status: 404,
      type: expect.stringContaining('not-found'),
    });
  });

  it('show a bot as paused and deleted, and drop a closed position', async () => {
    const { call, db, backend } = platform;
    await createBot();
    await call('POST /api/v1/pipelines/bot/pause');
    expect((await call('GET /api/v1/bots?status=paused')).body.items).toHaveLength(1);
    await eventually(async () =>
      expect(await backend.readSeries('trading_bots_active_total{status="paused"}')).toBe(1),
    );
    await call('DELETE /api/v1/pipelines/bot');
    expect((await call('GET /api/v1/bots/bot')).body.status).toBe('deleted');
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
