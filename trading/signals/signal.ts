/**
 * Signals: the schema of their messages, how a draft becomes a signal, how a message is parsed, and the part of a
 * signal for one ticker.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseCalendarTime } from '#base/calendar-time.ts';
import { parseMessage, type Rejection } from '#base/parse-message.ts';
import { visibleText } from '#base/visible-text.ts';
import { recordIdSchema } from '../ids.ts';
import { type ClosedBar, LAST_TIMESTAMP, priceSchema, tickerSchema } from '../market/bar.ts';

export const directions = ['BULLISH', 'BEARISH', 'NEUTRAL'] as const;
export type Direction = (typeof directions)[number];

/** Reasons why a message of the topic `trading-signals` is not accepted as a signal. */
export const rejectReasons = ['not_json', 'not_a_signal', 'unreadable'] as const;
type SignalRejectReason = (typeof rejectReasons)[number];

/**
 * A signal as a message on the topic `trading-signals`. The message key is the ticker, the value is JSON, and the
 * headers contain the trace context (W3C). `signal_type` and `timeframe` accept any string, because the dispatcher must
 * pass on signals of a newer generator.
 */
export const signalSchema = z.object({
  signal_id: recordIdSchema.describe('derived from generator, symbol, timeframe and bar time'),
  signal_type: z.string().regex(visibleText(64, String.raw`\s`), 'a signal type is 1 to 64 visible characters'),
  source: z.string().min(1).max(64).describe('where the market data came from'),
  timestamp: z.number().nonnegative().describe('when it was generated, unix seconds'),
  tickers: z
    .array(
      z.object({
        ticker: tickerSchema,
        signal: z.enum(directions),
        confidence: z.number().min(0).max(100),
        reasoning: z.string().max(2_000),
      }),
    )
    .min(1)
    .max(100),
  metadata: z
    .object({
      timeframe: z.string().min(1).max(16),
      price: priceSchema.optional().describe('close of the bar that made the signal'),
      bar_time: z.string().optional().describe('open time of that bar, ISO 8601'),
    })
    .loose(),
});
export type Signal = z.infer<typeof signalSchema>;

/** A signal that a generator found in one bar, without id, source and times. */
export interface SignalDraft<Type extends string = string> {
  readonly type: Type;
  readonly direction: Exclude<Direction, 'NEUTRAL'>;
  /** Confidence, 0 to 100. */
  readonly confidence: number;
  /** One sentence for users that says why the signal was found, with the numbers. */
  readonly reasoning: string;
  /** The indicator values that led to the signal, keyed by name. */
  readonly indicators: Readonly<Record<string, number>>;
}

/**
 * Compiles a draft into a signal message.
 * @param generator name of the generator that made the draft
 * @param bar the bar in which the generator found the signal
 * @param now current time, milliseconds since 1970
 */
export function compileSignal(draft: SignalDraft, generator: string, bar: ClosedBar, now: number): Signal {
  const { type, direction, confidence, reasoning, indicators } = draft;
  return {
    signal_id: signalId(generator, bar, type),
    signal_type: type,
    source: bar.source,
    timestamp: now / 1_000,
    tickers: [{ ticker: bar.symbol, signal: direction, confidence, reasoning }],
    metadata: { timeframe: bar.timeframe, price: bar.close, bar_time: bar.open_time, indicators: roundAll(indicators) },
  };
}

/**
 * Returns the id of a signal. The id does not depend on the time of generation, so after a crash the same bar produces
 * a signal with the same id.
 */
function signalId(generator: string, bar: ClosedBar, type: string): string {
  const identity = [generator, bar.symbol, bar.timeframe, bar.open_time, type].join('|');
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

function roundAll(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(8))]));
}

/** Parses a Kafka message into a signal that can be stored, or returns why it was refused. Never throws. */
export function parseSignal(value: Uint8Array): Signal | Rejection<SignalRejectReason> {
  return parseMessage(value, { schema: signalSchema, invalid: 'not_a_signal', findUnstorable });
}

/**
 * Returns why Postgres cannot store a signal, although it is valid, or undefined if Postgres can. Such a signal would
 * make its whole batch fail forever.
 */
function findUnstorable(signal: Signal): string | undefined {
  if (signal.timestamp > LAST_TIMESTAMP)
    return 'timestamp: expected unix seconds before the year 10000; milliseconds are too large';
  return undefined;
}

/** The part of a signal that concerns one ticker. */
export interface TickerSignal {
  type: string;
  timeframe: string;
  direction: Direction;
  /** Confidence, 0 to 100. */
  confidence: number;
  price?: number;
  /** Open time of the bar in which the signal was found. */
  barTime?: Date;
  generatedAt: Date;
}

/** Returns the part of a signal that concerns a ticker; undefined if the signal does not name the ticker. */
export function parseTickerSignal(signal: Signal, ticker: string): TickerSignal | undefined {
  const entry = signal.tickers.find((candidate) => candidate.ticker === ticker);
  if (!entry) return undefined;
  const { timeframe, price, bar_time } = signal.metadata;
  const barTime = bar_time === undefined ? undefined : parseCalendarTime(bar_time);
  return {
    type: signal.signal_type,
    timeframe,
    direction: entry.signal,
    confidence: entry.confidence,
    generatedAt: new Date(signal.timestamp * 1_000),
    ...(price !== undefined && { price }),
    ...(barTime !== undefined && { barTime: new Date(barTime) }),
  };
}
