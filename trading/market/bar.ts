/**
 * Instruments and their bars: schemas of tickers, of bar lengths and of bars in Kafka messages, and the type of a
 * series of bars.
 */
import { z } from 'zod';
import { parseMessage, type Rejection } from '#base/parse-message.ts';

export const tickerSchema = z
  .string()
  .max(32)
  .regex(/^[A-Z0-9][A-Z0-9._/-]{0,31}$/, 'a ticker is 1 to 32 characters of A-Z, 0-9 and . _ / -');

/** Bar lengths, spelled as exchanges spell them: minutes m, hours h, days d, weeks w, months M. */
export const timeframes = ['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w', '1M'] as const;
export type Timeframe = (typeof timeframes)[number];

/** Sources of bars that metrics have label values for. Bars of any other source are stored but not counted. */
export const marketDataSources = ['replay'] as const;
export type MarketDataSource = (typeof marketDataSources)[number];
/** Source of the bars that are replayed from data files. */
export const REPLAY = marketDataSources[0];

/** Last second of the year 9999, unix seconds. */
export const LAST_TIMESTAMP = 253_402_300_799;

/** A price of a bar or a signal. Beyond these bounds it is a mistake: no instrument is quoted so, and sums of it are not exact. */
export const priceSchema = z.number().min(1e-18).max(1e18);

/**
 * A bar as a message on the topic `market-data`. The message key is the symbol, the value is JSON. Prices are in the
 * instrument's quote currency.
 */
export const barSchema = z.object({
  symbol: tickerSchema,
  timeframe: z.enum(timeframes),
  source: z.string().min(1).max(64).describe('where the bar came from: `replay`, or an exchange'),
  open_time: z.iso
    .datetime({ offset: true, error: 'expected a date that exists, such as 2024-02-29T00:00:00Z' })
    .describe('open time of the bar, ISO 8601, UTC'),
  sequence: z
    .number()
    .int()
    .nonnegative()
    .describe('position of the bar in its source, from 0: where a replay resumes'),
  open: priceSchema,
  high: priceSchema,
  low: priceSchema,
  close: priceSchema,
  volume: z.number().nonnegative(),
  closed_at: z
    .number()
    .min(0)
    .max(LAST_TIMESTAMP)
    .optional()
    .describe('the data’s own time, unix seconds: the end of the bar; of a replay, when the bar was due'),
  emitted_at: z.number().min(0).max(LAST_TIMESTAMP).describe('when the source emitted it, unix seconds'),
});
export type Bar = z.infer<typeof barSchema>;

/** Reasons why a message of the topic `market-data` is not accepted as a bar. */
export const barRejectReasons = ['not_json', 'not_a_bar', 'unreadable'] as const;
type BarRejectReason = (typeof barRejectReasons)[number];

/** Parses a Kafka message into a bar, or returns why it was refused. Never throws. */
export function parseBar(value: Uint8Array): Bar | Rejection<BarRejectReason> {
  return parseMessage(value, { schema: barSchema, invalid: 'not_a_bar' });
}

/** A closed bar that is not published yet. Publishing adds `emitted_at`. */
export type ClosedBar = Omit<Bar, 'emitted_at'>;

/** A bar in a data file. `time` is the open time, milliseconds since 1970, UTC. */
export interface SourceBar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The bars of one symbol, oldest first. Contains at least one bar. */
export interface Series {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly bars: readonly SourceBar[];
}
