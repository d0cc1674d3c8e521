/** The stages of executions, of which each agent runs one, and the calls of language models. */
import {
  above,
  average,
  observationRate,
  observations,
  quantile,
  rate,
  ratioOfEach,
  SUMMARY_WINDOW,
} from './expression.ts';

export const agentP95 = quantile(0.95, 'agent_execution_duration_seconds', { by: ['agent'] });
export const meanAgentTime = average('agent_execution_duration_seconds', SUMMARY_WINDOW, { by: ['agent'] });
export const stageRate = observationRate('agent_execution_duration_seconds', { by: ['agent'] });

const failed = { where: { status: 'failed' }, by: ['agent'] } as const;
export const agentFailureShare = ratioOfEach(
  observationRate('agent_execution_duration_seconds', failed),
  observationRate('agent_execution_duration_seconds', { by: ['agent'] }),
);
export const failedStages = above(0, observations('agent_execution_duration_seconds', SUMMARY_WINDOW, failed));

export const callRate = rate('llm_calls_total', { by: ['model'] });
export const callErrorShare = ratioOfEach(
  rate('llm_calls_total', { where: { status: 'error' }, by: ['model'] }),
  rate('llm_calls_total', { by: ['model'] }),
);
export const callErrorsByAgent = rate('llm_calls_total', { where: { status: 'error' }, by: ['agent'] });
export const tokenRate = rate('llm_tokens_total', { by: ['model', 'kind'] });
export const tokenRateByAgent = rate('llm_tokens_total', { by: ['agent'] });
