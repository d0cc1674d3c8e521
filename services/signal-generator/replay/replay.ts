/**
 * Replays the tapes (one for each symbol) at a constant rate: takes the bars that are due, generates their signals, and
 * publishes signals and bars. A round is one bar of every symbol whose market is open.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackoff } from '#base/keep-trying.ts';
import type { Logger } from '#kit/log.ts';
import type { Generator, Tape } from '#trading/generators/tape.ts';
import { type ClosedBar, REPLAY } from '#trading/market/bar.ts';
import { compileSignal, type Signal } from '#trading/signals/signal.ts';
import { signalSourceOf } from '#trading/signals/signal-source.ts';
import type { GeneratorMetrics } from '../generator-metrics.ts';
import { type MarketPublisher, PublishFailed } from './market-publisher.ts';

/**
 * Maximum number of rounds (one bar of every symbol) that are taken from the tapes but not published yet. With three
 * symbols these are about 400 kB of bars, and a Kafka broker accepts 1 MB per request.
 */
const MAX_ROUNDS = 500;
/**
 * Shortest time between two publish requests. At high rates, one request therefore contains several bars of each
 * symbol.
 */
const MIN_WAIT_MS = 20;
/** How long a stop of the replay waits for Kafka to accept the bars that were taken from the tapes. */
const STOP_GRACE_MS = 10_000;
const REPORT_EVERY_MS = 60_000;

interface Replay {
  /**
   * Publishes the bars that were taken from the tapes, then ends the replay. Bars that Kafka has not accepted after ten
   * seconds are not published.
   */
  stop(): Promise<void>;
}

interface ReplayOptions {
  readonly tapes: readonly Tape[];
  /**
   * Returns whether the market of a symbol is open now. While it is closed, no bars are taken from the symbol's tape.
   */
  readonly isOpen: (symbol: string) => boolean;
  readonly barsPerSecond: number;
  readonly market: MarketPublisher;
  readonly metrics: GeneratorMetrics;
  readonly log: Logger;
}

/** Bars and signals that are taken from the tapes and not published yet. */
interface Pending {
  rounds: number;
  bars: { readonly bar: ClosedBar; readonly dueAt: number }[];
  signals: Signal[];
}

/**
 * Starts the replay. Every bar is published after its signals, so the last bar on the topic proves that all signals up
 * to this bar are published. If publishing fails, the same bars are tried again, together with bars that become due
 * meanwhile, up to `MAX_ROUNDS`; then the replay waits. Bars may be late, but none is left out and the order never
 * changes.
 */
export function startReplay(options: ReplayOptions): Replay {
  const { tapes, log } = options;
  const stopping = new AbortController();
  let givenUp = false;

  async function play(): Promise<void> {
    // performance.now is monotonic. With the wall clock, setting the clock would stop the bars or release thousands at
    // once.
    const pace = createPace(performance.now(), options.barsPerSecond);
    const backoff = createBackoff(100, 5_000);
    const report = createReport(tapes, log);
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
      log.warn({ bars: pending.bars.length }, 'gave up publishing, the next start publishes these bars again');
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

/**
 * Says when rounds (one bar of every symbol) are due: the first round at the start, the following rounds at a constant
 * rate. Times are in milliseconds.
 */
interface Pace {
  /** Returns how many rounds are due by this time. */
  dueBy(now: number): number;
  /** Returns the time at which a round is due. Rounds are counted from 0. */
  dueAt(round: number): number;
}

export function createPace(startMs: number, barsPerSecond: number): Pace {
  const intervalMs = 1_000 / barsPerSecond;
  return {
    dueBy: (now) => (now < startMs ? 0 : Math.floor((now - startMs) / intervalMs) + 1),
    dueAt: (round) => startMs + round * intervalMs,
  };
}

/**
 * Takes the bars of the due rounds from the tapes, beginning with `round`, generates their signals, and returns the
 * number of rounds taken.
 */
function takeDue(round: number, pace: Pace, pending: Pending, { tapes, isOpen, metrics }: ReplayOptions): number {
  const due = Math.max(0, Math.min(pace.dueBy(performance.now()) - round, MAX_ROUNDS - pending.rounds));
  const open = tapes.filter(({ series }) => isOpen(series.symbol));
  const clockOffset = Date.now() - performance.now();
  for (let offset = 0; offset < due; offset += 1) {
    for (const tape of open) {
      if (tape.ended) continue;
      const dueAt = pace.dueAt(round + offset);
      const bar = { ...tape.take(), closed_at: (clockOffset + dueAt) / 1_000 };
      pending.bars.push({ bar, dueAt });
      pending.signals.push(...generateSignals(bar, tape.generators, metrics));
    }
  }
  pending.rounds += due;
  return due;
}

/**
 * Passes a bar to the generators of its symbol, times each generator, and returns their signals. The end time of one
 * generator is the start time of the next, because reading the clock takes a noticeable share of a generator's time.
 */
function generateSignals(bar: ClosedBar, generators: readonly Generator[], metrics: GeneratorMetrics): Signal[] {
  const signals: Signal[] = [];
  let began = performance.now();
  for (const generator of generators) {
    const duration = metrics.generation[generator.awaits()];
    const draft = generator.update(bar);
    const ended = performance.now();
    duration.record((ended - began) / 1_000);
    began = ended;
    if (!draft) continue;
    metrics.generated.add(1, { signal_type: draft.type, source: signalSourceOf(draft.type) });
    const now = Date.now();
    metrics.lastSignal.set(now / 1_000);
    signals.push(compileSignal(draft, generator.name, bar, now));
    began = performance.now();
  }
  return signals;
}

/** Makes one attempt to publish the signals, then the bars. Returns whether everything was published. */
async function publish(pending: Pending, { market, metrics }: ReplayOptions): Promise<boolean> {
  if (pending.bars.length === 0) return true;
  try {
    await market.publishSignals(pending.signals);
    // The signals are published, so the next attempt must not publish them again.
    pending.signals = [];
    await market.publishBars(pending.bars.map(({ bar }) => bar));
  } catch (error) {
    if (error instanceof PublishFailed) return false;
    throw error;
  }
  countPublished(pending, metrics);
  return true;
}

function countPublished({ bars }: Pending, metrics: GeneratorMetrics): void {
  const now = performance.now();
  const publishedAt = Date.now() / 1_000;
  for (const { dueAt } of bars) metrics.lag.record(Math.max(0, now - dueAt) / 1_000);
  for (const [symbol, ofSymbol] of Map.groupBy(bars, ({ bar }) => bar.symbol)) {
    metrics.bars.add(ofSymbol.length, { symbol, source: REPLAY });
    metrics.lastBar.set(publishedAt, { symbol });
  }
}

/** Sets the gauge market_open. Returns whether any tape has bars left, even if its market is closed. */
function showOpenMarkets({ tapes, isOpen, metrics }: ReplayOptions): boolean {
  for (const { series, ended } of tapes) {
    metrics.open.set(!ended && isOpen(series.symbol) ? 1 : 0, { symbol: series.symbol });
  }
  return tapes.some(({ ended }) => !ended);
}

async function waitUntil(dueAt: number, stopping: AbortSignal): Promise<void> {
  const wait = Math.max(MIN_WAIT_MS, dueAt - performance.now());
  await sleep(wait, undefined, { signal: stopping }).catch(() => undefined);
}

/**
 * Returns a function that logs the progress of the replay, at most once a minute. With `end`, the message at the end of
 * the replay, it logs at once.
 */
function createReport(tapes: readonly Tape[], log: Logger): (published: Pending, end?: string) => void {
  let [bars, lateMs, reportedAt] = [0, 0, performance.now()];
  return (published, end) => {
    const now = performance.now();
    bars += published.bars.length;
    lateMs = Math.max(lateMs, now - (published.bars[0]?.dueAt ?? now));
    if (!end && now - reportedAt < REPORT_EVERY_MS) return;
    const sequences = Object.fromEntries(tapes.map(({ series, next }) => [series.symbol, next]));
    log.info({ bars, late_ms: Math.round(lateMs), sequences }, end ?? 'replaying');
    [bars, lateMs, reportedAt] = [0, 0, now];
  };
}
