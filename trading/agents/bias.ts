import { RSI, SMA } from 'trading-signals';
import { z } from 'zod';
import { decidedBySchema, modelReasoningSchema, type Question } from '../models/question.ts';
import { directions } from '../signals/signal.ts';

export const biasResultSchema = z.object({
  direction: z.enum(directions),
  strength: z.number().min(0).max(100),
  indicators: z.object({
    fast_average: z.number().nullable(),
    slow_average: z.number().nullable(),
    /** Relative change of the fast average over the last SLOPE_BARS bars. */
    slope: z.number().nullable(),
    rsi: z.number().nullable(),
  }),
  reasoning: z.string(),
  decided_by: decidedBySchema,
});
export type BiasResult = z.infer<typeof biasResultSchema>;

/** Weight of each vote. The weights add up to 100. */
const WEIGHTS = { trend: 50, slope: 30, momentum: 20 } as const;
/** Below this strength (0 to 100), the direction is NEUTRAL. */
const LEAST_STRENGTH = 40;
/** Lengths of the moving averages to compare, in bars. The first pair for which there are enough bars is used. */
const PAIRS = [
  { fast: 50, slow: 200 },
  { fast: 10, slow: 30 },
] as const;
const SLOPE_BARS = 5;
const RSI_BARS = 14;
/** The RSI does not vote if its distance from 50 is at most this. */
const RSI_DEAD_BAND = 5;

/**
 * Judges the direction of the market by three votes: the fast average against the slow one, the slope of the fast
 * average, and the relative strength index (RSI) against 50.
 * @param closes close prices, oldest first
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

/** Returns the RSI. Returns 50 if prices did not move, because the formula would then divide by zero. */
function strengthIndex(closes: readonly number[]): number {
  const indicator = new RSI(RSI_BARS);
  for (const close of closes) indicator.add(close);
  const moved = closes.slice(-RSI_BARS - 1).some((close, index, recent) => index > 0 && close !== recent[index - 1]);
  return moved ? indicator.getResultOrThrow() : 50;
}

/** Number of closes in the question to a model: enough to show a trend, few enough to cost little. */
const SHOWN_CLOSES = 30;

const biasAnswerSchema = biasResultSchema
  .pick({ direction: true, strength: true })
  .extend({ reasoning: modelReasoningSchema });
type BiasAnswer = z.infer<typeof biasAnswerSchema>;

interface BiasFacts {
  readonly ticker: string;
  readonly timeframe: string;
  /** Close prices, oldest first. */
  readonly closes: readonly number[];
}

/**
 * Builds the question that asks a model for the direction of the market. The facts in the question include `rule`, the
 * result of judgeBias.
 */
export function askBias({ ticker, timeframe, closes }: BiasFacts, rule: BiasResult): Question<BiasAnswer> {
  const { direction, strength, indicators } = rule;
  return {
    agent: 'bias',
    instructions:
      'You judge the direction of a market from its last closes, oldest first, and its indicators. A rule of thumb has judged ' +
      'too: agree with it or say why not. strength is from 0 (no direction) to 100.',
    facts: { ticker, timeframe, closes: closes.slice(-SHOWN_CLOSES), indicators, rule: { direction, strength } },
    answer: biasAnswerSchema,
  };
}
