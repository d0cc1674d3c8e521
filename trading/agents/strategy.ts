import { z } from 'zod';
import type { Direction, TickerSignal } from '../signals/signal.ts';
import type { BiasResult } from './bias.ts';
import { decidedBySchema } from './decided-by.ts';

export const strategyResultSchema = z.object({
  action: z.enum(['BUY', 'SELL', 'WAIT']),
  confidence: z.number().min(0).max(100),
  reasoning: z.string(),
  decided_by: decidedBySchema,
});
export type StrategyResult = z.infer<typeof strategyResultSchema>;

const SIGNAL_WEIGHT = 0.7;
const BIAS_WEIGHT = 0.3;
/** Up to this score, of 100, it waits: the strongest bias beside a neutral signal reaches it, and no more. */
const WAITING_SCORE = 30;

const SIGN = { BULLISH: 1, BEARISH: -1, NEUTRAL: 0 } as const satisfies Record<Direction, number>;

/**
 * Decides whether to buy, to sell or to wait: the signal's confidence and the bias's strength, each with the sign of its
 * direction, are weighed 70 to 30. What is absent (no signal in a manual run, no bias stage) leaves all the weight to the other.
 */
export function decideStrategy(
  signal: Pick<TickerSignal, 'direction' | 'confidence'> | undefined,
  bias: Pick<BiasResult, 'direction' | 'strength'> | undefined,
): StrategyResult {
  const votes = [
    ...(signal ? [{ score: SIGN[signal.direction] * signal.confidence, weight: SIGNAL_WEIGHT }] : []),
    ...(bias ? [{ score: SIGN[bias.direction] * bias.strength, weight: BIAS_WEIGHT }] : []),
  ];
  const weight = votes.reduce((sum, vote) => sum + vote.weight, 0);
  const score = weight === 0 ? 0 : votes.reduce((sum, vote) => sum + vote.score * vote.weight, 0) / weight;
  const action = Math.abs(score) <= WAITING_SCORE ? 'WAIT' : score > 0 ? 'BUY' : 'SELL';
  const said = [
    signal ? `the signal says ${signal.direction} (${signal.confidence})` : 'no signal',
    bias ? `the bias is ${bias.direction} (${bias.strength})` : 'no bias',
  ];
  return {
    action,
    confidence: Math.min(100, Math.abs(score)),
    decided_by: 'rule',
    reasoning: `${said.join(', ')}: score ${score.toFixed(1)} of 100, ${action}`,
  };
}
