import type { AgentName } from '#catalogue/agents.ts';
import type { Exact } from './exact.ts';
import { ExecutionFailure } from './execution-failure.ts';
import { refusals } from './risk-limits.ts';

/** What must hold before the first stage of an execution. */
export interface StartFacts {
  pipelineStatus: 'active' | 'paused' | 'deleted';
  mode: 'paper' | 'live';
  agents: readonly AgentName[];
  /** Absent for a pipeline without a budget. */
  budget?: { dailyUsd: Exact; spentTodayUsd: Exact };
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
    ? refuse(new ExecutionFailure('NO_LIVE_BROKER'))
    : undefined;
}

function budgetExhausted({ budget }: StartFacts): StartRefusal | undefined {
  if (!budget || budget.spentTodayUsd.lt(budget.dailyUsd)) return undefined;
  const detail = `${budget.spentTodayUsd} of ${budget.dailyUsd} USD spent since midnight UTC`;
  return refuse(new ExecutionFailure('BUDGET_EXHAUSTED', detail));
}

function refuse(failure: ExecutionFailure): StartRefusal {
  return { status: 'failed', reason: failure.message };
}
