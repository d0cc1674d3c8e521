import { RSI, SMA } from 'trading-signals';
import { z } from 'zod';
import { directions } from '../signals/signal.ts';
import { decidedBySchema } from './decided-by.ts';

export const biasResultSchema = z.object({
  direction: z.enum(directions),
  strength: z.number().min(0).max(100),
  indicators: z.object({
    fast_average: z.number().nullable(),
    slow_average: z.number().nullable(),
    /** Change of the fast average over the last SLOPE_BARS bars, as a share of it. */
    slope: z.number().nullable(),
    rsi: z.number().nullable(),
  }),
  reasoning: z.string(),
  decided_by: decidedBySchema,
});
export type BiasResult = z.infer<typeof biasResultSchema>;

/** What each piece of evidence weighs; together 100. */
const WEIGHTS = { trend: 50, slope: 30, momentum: 20 } as const;
/** Below this strength the market has no direction. */
const LEAST_STRENGTH = 40;
/** Averages to compare: the long pair where there are bars enough, else the short one. */
const PAIRS = [
  { fast: 50, slow: 200 },
  { fast: 10, slow: 30 },
] as const;
const SLOPE_BARS = 5;
const RSI_BARS = 14;
/** RSI within 50 ± this says nothing. */
const RSI_DEAD_BAND = 5;

/**
 * Judges the direction of the market by three votes: the fast average over the slow one, the fast average's slope, and
 * the relative strength index beside 50.
 * @param closes oldest first
 */
export function judgeBias(closes: readonly number[]): BiasResult {
  const pair = PAIRS.find(({ slow }) => closes.length >= slow + SLOPE_BARS);
  if (!pair) return undecided(closes.length);
  const fast = average(closes, pair.fast);
  const slow = average(closes, pair.slow);
  const earlier = average(closes.slice(0, -SLOPE_BARS), pair.fast);
  const slope = (fast - earlier) / earlier;
  const rsi = strengthIndex(closes);
  const momentum = Math.abs(rsi - 50) > RSI_DEAD_BAND ? Math.sign(rsi - 50) : 0;
  const score = Math.sign(fast - slow) * WEIGHTS.trend + Math.sign(slope) * WEIGHTS.slope + momentum * WEIGHTS.momentum;
  const direction = Math.abs(score) < LEAST_STRENGTH ? 'NEUTRAL' : score > 0 ? 'BULLISH' : 'BEARISH';
  return {
    direction,
    strength: Math.abs(score),
    indicators: { fast_average: fast, slow_average: slow, slope, rsi },
    decided_by: 'rule',
    reasoning: `SMA${pair.fast} ${fast.toPrecision(6)} against SMA${pair.slow} ${slow.toPrecision(6)}, slope ${(slope * 100).toFixed(2)} % in ${SLOPE_BARS} bars, RSI ${rsi.toFixed(1)}: ${direction}`,
  };
}

function undecided(bars: number): BiasResult {
  return {
    direction: 'NEUTRAL',
    strength: 0,
    indicators: { fast_average: null, slow_average: null, slope: null, rsi: null },
    decided_by: 'rule',
    reasoning: `${bars} bars are too few to judge a direction`,
  };
}

function average(closes: readonly number[], interval: number): number {
  const indicator = new SMA(interval);
  for (const close of closes.slice(-interval)) indicator.add(close);
  return indicator.getResultOrThrow();
}

/** 50 when prices stood still. */
function strengthIndex(closes: readonly number[]): number {
  const indicator = new RSI(RSI_BARS);
  for (const close of closes) indicator.add(close);
  const moved = closes.slice(-RSI_BARS - 1).some((close, index, recent) => index > 0 && close !== recent[index - 1]);
  return moved ? indicator.getResultOrThrow() : 50;
}
