import type { Logger } from '#kit/log.ts';
import type { ModelAgent, Question } from '#trading/models/question.ts';
import type { Asker, AskModel } from './ask-model.ts';
import { ModelFailure } from './model-failure.ts';

/** A result of an agent that a model can drive. */
interface Decision {
  decided_by: 'rule' | 'model';
  reasoning: string;
}

/** Has a model decide where the rule has; what it leaves out stays the rule's. */
export type Advise = <Result extends Decision, Answer extends Partial<Result>>(
  rule: Result,
  question: Question<Answer>,
  asker: Asker,
) => Promise<Result>;

/** Nobody is asked. */
export const byRule: Advise = async (rule) => rule;

export interface AdviseOptions {
  readonly ask: AskModel;
  readonly agents: readonly ModelAgent[];
  readonly log: Logger;
}

/** Asks the model for the agents that it drives. Where it gives no answer the rule decides, and the result says so. */
export function createAdvise({ ask, agents, log }: AdviseOptions): Advise {
  return async (rule, question, asker) => {
    if (!agents.includes(question.agent)) return rule;
    try {
      return { ...rule, ...(await ask(question, asker)), decided_by: 'model' };
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      const fields = { execution_id: asker.executionId, agent: question.agent, error_type: error.type, error };
      log.warn(fields, 'the model gave no answer, the rule decides');
      return { ...rule, reasoning: `${rule.reasoning} (by the rule: the model gave no answer: ${error.message})` };
    }
  };
}
