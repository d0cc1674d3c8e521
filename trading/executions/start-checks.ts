import type { AgentName } from '../agents/agents.ts';
import { refusals } from '../limits.ts';
import { BudgetExhausted, isSpent, type ModelBudget } from '../models/model-budget.ts';
import { ExecutionFailure } from './execution-failure.ts';

/** What must hold before the first stage of an execution. */
export interface StartFacts {
  pipelineStatus: 'active' | 'paused' | 'deleted';
  mode: 'paper' | 'live';
  agents: readonly AgentName[];
  /** Absent for a pipeline without a budget. */
  budget?: ModelBudget;
}

/** How an execution ends that may not start. `skipped` is what its owner asked for, `failed` is a fault. */
export interface StartRefusal {
  status: 'skipped' | 'failed';
  reason: string;
}

/** Why an execution may not start, or undefined when it may. */
export function checkStart(facts: StartFacts): StartRefusal | undefined {
  for (const check of [pipelineStopped, liveBrokerMissing, budgetExhausted]) {
    const refusal = check(facts);
    if (refusal) return refusal;
  }
  return undefined;
}

function pipelineStopped({ pipelineStatus }: StartFacts): StartRefusal | undefined {
  if (pipelineStatus === 'active') return undefined;
  const code = pipelineStatus === 'paused' ? 'PIPELINE_PAUSED' : 'PIPELINE_DELETED';
  return { status: 'skipped', reason: `${code}: ${refusals[code]}` };
}

function liveBrokerMissing({ mode, agents }: StartFacts): StartRefusal | undefined {
  return mode === 'live' && agents.includes('trade-manager')
    ? { status: 'failed', reason: new ExecutionFailure('NO_LIVE_BROKER').message }
    : undefined;
}

function budgetExhausted({ budget }: StartFacts): StartRefusal | undefined {
  return budget && isSpent(budget) ? { status: 'skipped', reason: new BudgetExhausted(budget).message } : undefined;
}
