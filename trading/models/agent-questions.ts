import { z } from 'zod';
import { type BiasResult, biasResultSchema } from '../agents/bias.ts';
import { type StrategyResult, strategyResultSchema } from '../agents/strategy.ts';
import type { TickerSignal } from '../signals/signal.ts';
import type { Question } from './question.ts';

/** Closes that a model is shown: enough to see a course, too few to cost much. */
const SHOWN_CLOSES = 30;
/** Most characters of an explanation that is stored. */
const reasoning = z.string().min(1).max(1_000);

const biasAnswerSchema = biasResultSchema.pick({ direction: true, strength: true }).extend({ reasoning });
const strategyAnswerSchema = strategyResultSchema.pick({ action: true, confidence: true }).extend({ reasoning });

export interface BiasFacts {
  readonly ticker: string;
  readonly timeframe: string;
  /** Oldest first. */
  readonly closes: readonly number[];
}

/** Asks for the direction of the market; the rule's own judgement is among the facts. */
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
export type BiasAnswer = z.infer<typeof biasAnswerSchema>;

/** Asks whether to trade; limits are no matter of the model's, the risk manager holds them after it. */
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
export type StrategyAnswer = z.infer<typeof strategyAnswerSchema>;
