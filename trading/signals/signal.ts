import { z } from 'zod';

/** The kinds of signal the platform generates, and what each means. */
export const signalTypes = {
  golden_cross: 'The 50-close simple moving average rises above the 200-close one',
  death_cross: 'The 50-close simple moving average falls below the 200-close one',
  rsi: 'The 14-bar relative strength index leaves 30..70',
  macd: 'The MACD line (12, 26) crosses its signal line (9)',
  bollinger: 'The close leaves the Bollinger bands (20 bars, 2 standard deviations)',
} as const;
export type SignalType = keyof typeof signalTypes;
export const signalTypeNames = Object.keys(signalTypes) as [SignalType, ...SignalType[]];

export const directions = ['BULLISH', 'BEARISH', 'NEUTRAL'] as const;
export type Direction = (typeof directions)[number];

/** Bar lengths, in the spelling of exchanges: minutes m, hours h, days d, weeks w, months M. */
export const timeframes = ['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w', '1M'] as const;
export type Timeframe = (typeof timeframes)[number];

/** Why a message of the topic is not accepted as a signal. */
export const rejectReasons = ['not_json', 'not_a_signal'] as const;
export type RejectReason = (typeof rejectReasons)[number];

export const tickerSchema = z
  .string()
  .max(32)
  .regex(/^[A-Z0-9][A-Z0-9._/-]{0,31}$/, 'a ticker is 1 to 32 characters of A-Z, 0-9 and . _ / -');

/**
 * A signal on the wire: topic `trading-signals`, key = ticker, JSON; trace context in the message headers (W3C).
 * `signal_type` and `timeframe` are open here: a dispatcher must pass on what a newer generator sends.
 */
export const signalSchema = z.object({
  signal_id: z.string().min(1).max(128).describe('derived from generator, symbol, timeframe and bar time'),
  signal_type: z.string().min(1).max(64),
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
      price: z.number().positive().optional().describe('close of the bar that made the signal'),
      bar_time: z.string().optional().describe('open time of that bar, ISO 8601'),
    })
    .loose(),
});
export type Signal = z.infer<typeof signalSchema>;
