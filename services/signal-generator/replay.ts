import { setTimeout as sleep } from 'node:timers/promises';
import { createBackoff } from '#base/keep-trying.ts';
import type { Logger } from '#kit/log.ts';
import { createPace, type Pace } from './domain/pace.ts';
import { REPLAY } from './domain/replay-bar.ts';
import type { Tape } from './domain/tape.ts';
import type { GeneratorMetrics } from './generator-metrics.ts';
import { type MarketPublisher, PublishFailed } from './market-publisher.ts';
import type { Pending } from './pending.ts';
import { createReplayReport } from './replay-report.ts';
import { workOutSignals } from './work-out-signals.ts';

/** Most rounds taken and not published: at three symbols some 400 kB of bars, well below the megabyte a broker takes. */
const MAX_ROUNDS = 500;
/** At high speeds bars wait for each other this long, so that a publish carries several. */
const MIN_WAIT_MS = 20;
/** How long a stop waits for Kafka to take what was begun. */
const STOP_GRACE_MS = 10_000;

export interface Replay {
  /** Ends after the bars that were begun; gives up on them when Kafka is away. */
  stop(): Promise<void>;
}

export interface ReplayOptions {
  readonly tapes: readonly Tape[];
  /** Whether the market of a symbol is open now: bars come only then. */
  readonly isOpen: (symbol: string) => boolean;
  readonly barsPerSecond: number;
  readonly market: MarketPublisher;
  readonly metrics: GeneratorMetrics;
  readonly log: Logger;
}

/**
 * Plays the tapes at a constant rate. Every bar is published after its signals, so that the last bar on the topic is
 * proof of all signals up to it. While publishing fails, what has become due joins what waits, up to a bound; then the
 * replay waits too. Nothing is left out and no order changes: bars are late.
 */
export function startReplay(options: ReplayOptions): Replay {
  const { tapes, log } = options;
  const stopping = new AbortController();
  let givenUp = false;

  async function play(): Promise<void> {
    // A monotonic clock: a wall clock that is set would hold bars back or bring thousands at once.
    const pace = createPace(performance.now(), options.barsPerSecond);
    const backoff = createBackoff(100, 5_000);
    const report = createReplayReport(tapes, log);
    const pending: Pending = { rounds: 0, bars: [], signals: [] };
    let round = 0;
    while (!givenUp && (pending.rounds > 0 || (!stopping.signal.aborted && showOpenMarkets(options)))) {
      if (!stopping.signal.aborted) round += takeDue(round, pace, pending, options);
      if (await publish(pending, options)) {
        report(pending);
        backoff.reset();
        Object.assign(pending, { rounds: 0, bars: [], signals: [] });
        await waitUntil(pace.dueAt(round), stopping.signal);
      } else {
        await backoff.wait();
      }
    }
    if (pending.rounds > 0)
      log.warn({ bars: pending.bars.length }, 'gave up publishing, these bars follow after the next start');
    report(pending, 'replay ended');
  }

  const playing = play();
  return {
    async stop() {
      stopping.abort();
      const grace = setTimeout(() => {
        givenUp = true;
      }, STOP_GRACE_MS);
      await playing;
      clearTimeout(grace);
    },
  };
}

/** Takes the rounds that are due, from `round` on, and works out their signals. Gives how many. */
function takeDue(round: number, pace: Pace, pending: Pending, { tapes, isOpen, metrics }: ReplayOptions): number {
  const due = Math.max(0, Math.min(pace.dueBy(performance.now()) - round, MAX_ROUNDS - pending.rounds));
  const open = tapes.filter(({ series }) => isOpen(series.symbol));
  for (let offset = 0; offset < due; offset += 1) {
    for (const tape of open) {
      if (tape.ended) continue;
      const bar = tape.take();
      pending.bars.push({ bar, dueAt: pace.dueAt(round + offset) });
      pending.signals.push(...workOutSignals(bar, tape.generators, metrics));
    }
  }
  pending.rounds += due;
  return due;
}

/** One attempt: signals, then bars. Whether all of it is published; signals that are leave what is pending. */
async function publish(pending: Pending, { market, metrics }: ReplayOptions): Promise<boolean> {
  if (pending.bars.length === 0) return true;
  try {
    await market.publishSignals(pending.signals);
    pending.signals = [];
    await market.publishBars(pending.bars.map(({ bar }) => bar));
  } catch (error) {
    if (error instanceof PublishFailed) return false;
    throw error;
  }
  const now = performance.now();
  const publishedAt = Date.now() / 1_000;
  for (const { dueAt } of pending.bars) metrics.lag.record(Math.max(0, now - dueAt) / 1_000);
  for (const [symbol, bars] of Map.groupBy(pending.bars, ({ bar }) => bar.symbol)) {
    metrics.bars.add(bars.length, { symbol, source: REPLAY });
    metrics.lastBar.set(publishedAt, { symbol });
  }
  return true;
}

/** Sets market_open; whether any bar is still to come, now or when a market opens again. */
function showOpenMarkets({ tapes, isOpen, metrics }: ReplayOptions): boolean {
  for (const { series, ended } of tapes) {
    metrics.open.set(!ended && isOpen(series.symbol) ? 1 : 0, { symbol: series.symbol });
  }
  return tapes.some(({ ended }) => !ended);
}

async function waitUntil(dueAt: number, signal: AbortSignal): Promise<void> {
  const wait = Math.max(MIN_WAIT_MS, dueAt - performance.now());
  await sleep(wait, undefined, { signal }).catch(() => undefined);
}
