import { z } from 'zod';
import { decidedBySchema, modelReasoningSchema, type Question } from '../models/question.ts';
import type { Direction, TickerSignal } from '../signals/signal.ts';
import type { BiasResult } from './bias.ts';

const strategyActions = ['BUY', 'SELL', 'WAIT'] as const;

export const strategyResultSchema = z.object({
  action: z.enum(strategyActions),
  confidence: z.number().min(0).max(100),
  reasoning: z.string(),
  decided_by: decidedBySchema,
});
export type StrategyResult = z.infer<typeof strategyResultSchema>;

const SIGNAL_WEIGHT = 0.7;
const BIAS_WEIGHT = 0.3;
/**
 * The strategy waits if the absolute value of the score, 0 to 100, is at most this number. A bias of strength 100 with
 * a neutral signal scores exactly this number, so the strategy waits.
 */
const WAITING_SCORE = 30;

const SIGN = { BULLISH: 1, BEARISH: -1, NEUTRAL: 0 } as const satisfies Record<Direction, number>;

/**
 * Decides whether to buy, to sell or to wait. The signal's confidence has a weight of 70 %, the bias's strength 30 %,
 * each with the sign of its direction. Without a signal (in a manual run), the bias has a weight of 100 %; without a
 * bias (no bias stage), the signal has.
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

const strategyAnswerSchema = strategyResultSchema
  .pick({ action: true, confidence: true })
  .extend({ reasoning: modelReasoningSchema });
type StrategyAnswer = z.infer<typeof strategyAnswerSchema>;

/**
 * Builds the question that asks a model whether to trade. The question does not mention limits, because the risk
 * manager checks them afterwards.
 */
export function askStrategy(
  signal: TickerSignal | undefined,
  bias: BiasResult | undefined,
  rule: StrategyResult,
): Question<StrategyAnswer> {
  return {
    agent: 'strategy',
    instructions:
      'You decide whether to buy, to sell or to wait, from a signal and a judgement of the market. SELL closes a position: ' +
      'nothing is sold short. A rule of thumb has decided too: agree with it or say why not. confidence is from 0 to 100.',
    facts: {
      signal: signal && { type: signal.type, direction: signal.direction, confidence: signal.confidence },
      bias: bias && { direction: bias.direction, strength: bias.strength, reasoning: bias.reasoning },
      rule: { action: rule.action, confidence: rule.confidence },
    },
    answer: strategyAnswerSchema,
  };
}
