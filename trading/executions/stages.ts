import type { z } from 'zod';
import type { AgentName } from '../agents/agents.ts';
import { biasResultSchema } from '../agents/bias.ts';
import { marketDataResultSchema } from '../agents/market-data.ts';
import { riskResultSchema } from '../agents/risk-manager.ts';
import { strategyResultSchema } from '../agents/strategy.ts';
import { tradeResultSchema } from '../agents/trade-manager.ts';

const resultSchemas = {
  'market-data': marketDataResultSchema,
  bias: biasResultSchema,
  strategy: strategyResultSchema,
  'risk-manager': riskResultSchema,
  'trade-manager': tradeResultSchema,
} as const satisfies Record<AgentName, z.ZodType>;

type ResultOf<Agent extends AgentName> = z.infer<(typeof resultSchemas)[Agent]>;
/** What the stages of an execution gave so far. */
export type StageResults = { [Agent in AgentName]?: ResultOf<Agent> };
export type StageResult = ResultOf<AgentName>;

/**
 * Reads stored results back.
 * @throws ZodError when a stored result is not what its agent gives
 */
export function parseStageResults(stored: readonly { agent: AgentName; result: unknown }[]): StageResults {
  return Object.fromEntries(stored.map(({ agent, result }) => [agent, resultSchemas[agent].parse(result)]));
}

/**
 * The result of an agent that a later one needs. The catalogue's order of stages gives it.
 * @throws Error when it is not there
 */
export function requireResult<Agent extends AgentName>(results: StageResults, agent: Agent): ResultOf<Agent> {
  const result = results[agent] as ResultOf<Agent> | undefined;
  if (result === undefined) throw new Error(`the ${agent} stage has no result: it must stand before this one`);
  return result;
}
