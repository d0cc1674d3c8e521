import type { z } from 'zod';
import type { AgentName } from '../agents/agents.ts';
import { biasResultSchema } from '../agents/bias.ts';
import { marketDataResultSchema } from '../agents/market-data.ts';
import { riskResultSchema } from '../agents/risk-manager.ts';
import { strategyResultSchema } from '../agents/strategy.ts';
import { tradeResultSchema } from '../agents/trade-manager.ts';
import { BudgetExhausted, isSpent, type ModelBudget, pipelineStopped, refusals } from '../limits.ts';
import { hasBroker, type TradingMode } from '../orders/order.ts';
import type { PipelineStatus } from '../pipelines/pipeline-status.ts';
import { type EndStatus, ExecutionFailure } from './execution.ts';

/**
 * The stages of an execution: whether the first stage may start, which stages are left to run, and the results of the
 * ended stages.
 */

/** The facts that decide whether the first stage may start. */
export interface StartFacts {
  pipelineStatus: PipelineStatus;
  mode: TradingMode;
  agents: readonly AgentName[];
  /** The model budget; absent for a pipeline without one. */
  budget?: ModelBudget;
}

/** The status and reason with which an execution that may not start ends. */
export interface StartRefusal {
  status: Exclude<EndStatus, 'success'>;
  reason: string;
}

/** Returns why an execution may not start, or undefined if it may. */
export function checkStart(facts: StartFacts): StartRefusal | undefined {
  for (const check of [stoppedByOwner, brokerMissing, budgetExhausted]) {
    const refusal = check(facts);
    if (refusal) return refusal;
  }
  return undefined;
}

function stoppedByOwner({ pipelineStatus }: StartFacts): StartRefusal | undefined {
  const code = pipelineStopped(pipelineStatus);
  return code && { status: 'skipped', reason: `${code}: ${refusals[code]}` };
}

function brokerMissing({ mode, agents }: StartFacts): StartRefusal | undefined {
  return !hasBroker(mode) && agents.includes('trade-manager')
    ? { status: 'failed', reason: new ExecutionFailure('NO_LIVE_BROKER').message }
    : undefined;
}

function budgetExhausted({ budget }: StartFacts): StartRefusal | undefined {
  return budget && isSpent(budget) ? { status: 'skipped', reason: new BudgetExhausted(budget).message } : undefined;
}

export interface PlannedStage {
  /** Position of the stage in the execution, from 0. */
  position: number;
  agent: AgentName;
}

/**
 * Returns the stages of the pipeline that have no stored result. Their positions come after the positions of the stored
 * stages, even if the pipeline was changed in between.
 */
export function planStages(
  stages: readonly { agent: AgentName }[],
  stored: readonly { position: number; agent: AgentName }[],
): PlannedStage[] {
  const done = new Set(stored.map((stage) => stage.agent));
  const next = Math.max(-1, ...stored.map((stage) => stage.position)) + 1;
  return stages.filter(({ agent }) => !done.has(agent)).map(({ agent }, index) => ({ agent, position: next + index }));
}

const resultSchemas = {
  'market-data': marketDataResultSchema,
  bias: biasResultSchema,
  strategy: strategyResultSchema,
  'risk-manager': riskResultSchema,
  'trade-manager': tradeResultSchema,
} as const satisfies Record<AgentName, z.ZodType>;

type ResultOf<Agent extends AgentName> = z.infer<(typeof resultSchemas)[Agent]>;
/** The results of an execution's stages so far, keyed by agent. */
export type StageResults = { [Agent in AgentName]?: ResultOf<Agent> };
export type StageResult = ResultOf<AgentName>;

/**
 * Parses stored results.
 * @throws ZodError if a stored result does not have the form of its agent's results
 */
export function parseStageResults(stored: readonly { agent: AgentName; result: unknown }[]): StageResults {
  return Object.fromEntries(stored.map(({ agent, result }) => [agent, resultSchemas[agent].parse(result)]));
}

/**
 * Returns the result of `agent` for a later stage that needs this result. In a valid definition, the stage of `agent`
 * comes before that stage.
 * @throws Error if the result is missing
 */
export function requireResult<Agent extends AgentName>(results: StageResults, agent: Agent): ResultOf<Agent> {
  const result = results[agent] as ResultOf<Agent> | undefined;
  if (result === undefined) throw new Error(`the ${agent} stage has no result: it must stand before this one`);
  return result;
}
