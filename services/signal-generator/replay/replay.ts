/** Replays the tapes at a constant rate: takes the bars that are due, generates their signals, publishes both. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackoff } from '#base/keep-trying.ts';
import type { Logger } from '#kit/log.ts';
import type { Generator, Tape } from '#trading/generators/tape.ts';
import { type ClosedBar, REPLAY } from '#trading/market/bar.ts';
import { compileSignal, type Signal } from '#trading/signals/signal.ts';
import type { GeneratorMetrics } from '../generator-metrics.ts';
import { type MarketPublisher, PublishFailed } from './market-publisher.ts';

/** Most rounds that are taken but not published: with three symbols about 400 kB of bars; a broker accepts 1 MB. */
const MAX_ROUNDS = 500;
/** Shortest time between two publishes: at high rates, one publish then carries several bars. */
const MIN_WAIT_MS = 20;
/** How long a stop waits for Kafka to accept the bars that were taken. */
const STOP_GRACE_MS = 10_000;
const REPORT_EVERY_MS = 60_000;

interface Replay {
  /** Publishes the bars that were taken, then ends. Gives up on them after 10 s if Kafka does not accept them. */
  stop(): Promise<void>;
}

interface ReplayOptions {
  readonly tapes: readonly Tape[];
  /** Whether the market of a symbol is open now. While it is closed, its tape stands still. */
  readonly isOpen: (symbol: string) => boolean;
  readonly barsPerSecond: number;
  readonly market: MarketPublisher;
  readonly metrics: GeneratorMetrics;
  readonly log: Logger;
}

/** Everything taken from the tapes and not published yet. A round is one bar of every open symbol. */
interface Pending {
  rounds: number;
  bars: { readonly bar: ClosedBar; readonly dueAt: number }[];
  signals: Signal[];
}

/**
 * Starts the replay. Every bar is published after its signals, so the last bar on the topic proves that all signals up
 * to it are there. If publishing fails, the same bars are tried again, and bars that become due meanwhile join them, up
 * to `MAX_ROUNDS`; then the replay waits. No bar is left out and the order never changes: bars are late instead.
 */
export function startReplay(options: ReplayOptions): Replay {
  const { tapes, log } = options;
  const stopping = new AbortController();
  let givenUp = false;

  async function play(): Promise<void> {
    // performance.now is monotonic: if somebody set the wall clock, bars would stop or thousands would come at once.
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

/** The times at which rounds are due: the first at the start, then at a constant rate. Milliseconds. */
interface Pace {
  /** Returns how many rounds were due by a time. */
  dueBy(now: number): number;
  /** Returns when a round, counted from 0, is due. */
  dueAt(round: number): number;
}

export function createPace(startMs: number, barsPerSecond: number): Pace {
  const intervalMs = 1_000 / barsPerSecond;
  return {
    dueBy: (now) => (now < startMs ? 0 : Math.floor((now - startMs) / intervalMs) + 1),
    dueAt: (round) => startMs + round * intervalMs,
  };
}

/** Takes the rounds that are due from `round` on, generates their signals, and returns the number of rounds. */
function takeDue(round: number, pace: Pace, pending: Pending, { tapes, isOpen, metrics }: ReplayOptions): number {
  const due = Math.max(0, Math.min(pace.dueBy(performance.now()) - round, MAX_ROUNDS - pending.rounds));
  const open = tapes.filter(({ series }) => isOpen(series.symbol));
  for (let offset = 0; offset < due; offset += 1) {
    for (const tape of open) {
      if (tape.ended) continue;
      const bar = tape.take();
      pending.bars.push({ bar, dueAt: pace.dueAt(round + offset) });
      pending.signals.push(...generateSignals(bar, tape.generators, metrics));
    }
  }
  pending.rounds += due;
  return due;
}

/**
 * Passes a bar to the generators of its symbol, times each, and returns their signals. The clock is read once between
 * two generators, because reading it costs a noticeable share of a generator's time.
 */
function generateSignals(bar: ClosedBar, generators: readonly Generator[], metrics: GeneratorMetrics): Signal[] {
  const signals: Signal[] = [];
  let began = performance.now();
  for (const generator of generators) {
    const duration = metrics.generation[generator.name][generator.awaits()];
    const draft = generator.update(bar);
    const ended = performance.now();
    duration.record((ended - began) / 1_000);
    began = ended;
    if (!draft) continue;
    metrics.generated.add(1, { signal_type: draft.type, source: REPLAY });
    const now = Date.now();
    metrics.lastSignal.set(now / 1_000);
    signals.push(compileSignal(draft, generator.name, bar, now));
    began = performance.now();
  }
  return signals;
}

/** Makes one attempt to publish the signals, then the bars. Returns whether all of it succeeded. */
async function publish(pending: Pending, { market, metrics }: ReplayOptions): Promise<boolean> {
  if (pending.bars.length === 0) return true;
  try {
    await market.publishSignals(pending.signals);
    // Published: the next attempt must not publish them again.
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

/** Sets the gauge market_open, and returns whether any tape has bars left, in an open or a closed market. */
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

/** Returns a function that logs the progress of the replay: once a minute, and at once when `end` is given. */
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
