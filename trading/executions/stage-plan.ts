import type { AgentName } from '../agents/agents.ts';

export interface PlannedStage {
  /** From 0, in the execution. */
  position: number;
  agent: AgentName;
}

/**
 * The stages that are left: those of the pipeline whose results are not stored. Positions go on after the stored ones,
 * also when the pipeline was changed in between.
 */
export function planStages(
  stages: readonly { agent: AgentName }[],
  stored: readonly { position: number; agent: AgentName }[],
): PlannedStage[] {
  const done = new Set(stored.map((stage) => stage.agent));
  const next = Math.max(-1, ...stored.map((stage) => stage.position)) + 1;
  return stages.filter(({ agent }) => !done.has(agent)).map(({ agent }, index) => ({ agent, position: next + index }));
}
