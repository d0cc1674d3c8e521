import { describe, expect, it } from 'vitest';
import { createLogger } from '#kit/log.ts';
import { createIdleInstruments } from '#kit/telemetry/metrics/create-instruments.ts';
import { createTape } from '#trading/generators/tape.ts';
import type { ClosedBar } from '#trading/market/bar.ts';
import type { Signal } from '#trading/signals/signal.ts';
import { createGeneratorMetrics } from '../generator-metrics.ts';
import { readMarket } from '../market/read-market.ts';
import { type MarketPublisher, PublishFailed } from './market-publisher.ts';
import { createPace, startReplay } from './replay.ts';

/**
 * Creates an in-memory MarketPublisher that records published signals and bars in order. `fails` receives the number of
 * an attempt to publish, and returns whether this attempt fails.
 */
function createMemoryMarket(fails: (attempt: number) => boolean = () => false) {
  const published: ({ signal: Signal } | { bar: ClosedBar })[] = [];
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    if (fails(attempts)) throw new PublishFailed('memory', 'connection');
  };
  const market: MarketPublisher = {
    async publishSignals(signals) {
      attempt();
      published.push(...signals.map((signal) => ({ signal })));
    },
    async publishBars(bars) {
      attempt();
      published.push(...bars.map((bar) => ({ bar })));
    },
  };
  const bars = () => published.flatMap((one) => ('bar' in one ? [one.bar] : []));
  const signals = () => published.flatMap((one) => ('signal' in one ? [one.signal] : []));
  return { market, published, bars, signals, attempts: () => attempts };
}

const metrics = createGeneratorMetrics(createIdleInstruments(), []);

function start(market: MarketPublisher, barsPerSecond: number, isOpen: (symbol: string) => boolean = () => true) {
  const tapes = readMarket().map((series) => createTape(series, { start: 0, loop: false }));
  return startReplay({ tapes, isOpen, barsPerSecond, market, metrics, log: createLogger('test', 'silent') });
}

/** Checks that every signal was published before its bar. */
function expectSignalsBeforeBars({ published, bars }: ReturnType<typeof createMemoryMarket>): void {
  const seen = new Set<string>();
  for (const one of published) {
    if ('bar' in one) seen.add(`${one.bar.symbol} ${one.bar.open_time}`);
    else expect(seen).not.toContain(`${one.signal.tickers[0]?.ticker} ${one.signal.metadata.bar_time}`);
  }
  expect(seen.size).toBe(bars().length);
}

describe('createPace', () => {
  it('makes the first round due at the start, and each next one after an interval', () => {
    const pace = createPace(1_000, 10);
    expect([999, 1_000, 1_099, 1_100, 2_000].map(pace.dueBy)).toEqual([0, 1, 1, 2, 11]);
    expect([0, 1, 10].map(pace.dueAt)).toEqual([1_000, 1_100, 2_000]);
  });

  it('supports less than one and a thousand bars a second', () => {
    expect(createPace(0, 0.1).dueBy(20_000)).toBe(3);
    expect(createPace(0, 1_000).dueBy(1_000)).toBe(1_001);
  });
});

describe('startReplay', () => {
  it('publishes every bar in order and after its signals, until all data is replayed', async () => {
    const memory = createMemoryMarket();
    const replay = start(memory.market, 10_000);
    await expect.poll(() => memory.bars().length, { timeout: 10_000 }).toBe(2_148 + 5_000 + 156);
    await replay.stop();
    expectSignalsBeforeBars(memory);
    for (const symbol of ['GOOG', 'EURUSD', 'BTCUSD']) {
      const sequences = memory
        .bars()
        .filter((bar) => bar.symbol === symbol)
        .map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_, index) => index));
    }
    expect(memory.signals().length).toBeGreaterThan(1_000);
  });

  it('publishes the same bars and signals in the same order when attempts fail', async () => {
    const [smooth, rough] = [createMemoryMarket(), createMemoryMarket((attempt) => attempt % 5 < 2)];
    const replays = [start(smooth.market, 2_000), start(rough.market, 2_000)];
    await expect
      .poll(() => Math.min(smooth.bars().length, rough.bars().length), { timeout: 15_000 })
      .toBeGreaterThan(600);
    await Promise.all(replays.map((replay) => replay.stop()));
    expectSignalsBeforeBars(rough);
    const both = Math.min(smooth.bars().length, rough.bars().length);
    const withoutTime = (bars: ClosedBar[]) => bars.slice(0, both).map(({ closed_at, ...bar }) => bar);
    expect(withoutTime(rough.bars())).toEqual(withoutTime(smooth.bars()));
    const ids = [smooth, rough].map((memory) => memory.signals().map(({ signal_id }) => signal_id));
    const shorter = Math.min(...ids.map((list) => list.length));
    expect(shorter).toBeGreaterThan(20);
    expect(ids[1]?.slice(0, shorter)).toEqual(ids[0]?.slice(0, shorter));
  });

  it('writes into each bar when it was due, also if it was published late', async () => {
    let away = true;
    const memory = createMemoryMarket(() => away);
    const replay = start(memory.market, 100, (symbol) => symbol === 'EURUSD');
    const began = Date.now() / 1_000;
    await expect.poll(memory.attempts).toBeGreaterThan(2);
    const late = Date.now() / 1_000;
    away = false;
    await expect.poll(() => memory.bars().length).toBeGreaterThan(50);
    await replay.stop();
    const closed = memory.bars().map(({ closed_at = 0 }) => closed_at);
    expect(Math.abs((closed[0] ?? 0) - began)).toBeLessThan(0.2);
    expect(closed[0]).toBeLessThan(late - 0.2);
    // A bar every 10 ms; the wall clock may be set by some of them meanwhile.
    for (const [index, time] of closed.entries())
      expect(Math.abs(time - (closed[0] ?? 0) - index / 100)).toBeLessThan(0.05);
  });

  it('plays at the configured rate', async () => {
    const memory = createMemoryMarket();
    const replay = start(memory.market, 100);
    const began = performance.now();
    const rounds = () => memory.bars().filter(({ symbol }) => symbol === 'GOOG').length;
    const ahead = () => rounds() - (performance.now() - began) / 10;
    await expect.poll(rounds).toBeGreaterThan(50);
    // A busy machine delays bars, but the replay catches up. If its rate were too low, it would fall further and
    // further behind.
    await expect.poll(ahead).toBeGreaterThan(-5);
    expect(ahead()).toBeLessThan(2);
    await replay.stop();
  });

  it('publishes no bars of a market while it is closed, and continues with the next bar', async () => {
    const memory = createMemoryMarket();
    let isOpen = true;
    const of = (symbol: string) => memory.bars().filter((bar) => bar.symbol === symbol);
    const replay = start(memory.market, 1_000, (symbol) => symbol !== 'GOOG' || isOpen);
    await expect.poll(() => of('GOOG').length).toBeGreaterThan(5);
    isOpen = false;
    const [held, others] = [of('GOOG').length, of('EURUSD').length];
    await expect.poll(() => of('EURUSD').length).toBeGreaterThan(others + 600);
    // Bars that were taken from the tape before the market closed may still be published: at most 500.
    const afterwards = of('GOOG').length;
    expect(afterwards - held).toBeLessThan(500);
    isOpen = true;
    await expect.poll(() => of('GOOG').length).toBeGreaterThan(afterwards);
    await replay.stop();
    expect(of('GOOG').map(({ sequence }) => sequence)).toEqual(of('GOOG').map((_, index) => index));
  });

  it('publishes on stop the bars that were taken before', async () => {
    let away = true;
    const memory = createMemoryMarket(() => away);
    const replay = start(memory.market, 1_000);
    await expect.poll(memory.attempts).toBeGreaterThan(0);
    const stopped = replay.stop();
    expect(memory.published).toEqual([]);
    away = false;
    await stopped;
    expect(memory.bars().length).toBeGreaterThan(0);
    expectSignalsBeforeBars(memory);
  });
});
