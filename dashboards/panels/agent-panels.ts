import { alerts } from '#catalogue/alerts.ts';
import { objectives } from '#catalogue/objectives.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { amountSteps, failureSteps } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import * as agents from '../queries/agents.ts';

/** The stages of executions by agent, and what the agents ask of language models. */
const NO_MODEL = 'No model is asked';

export const agentBreakdownPanel = buildBars({
  title: 'Agent execution breakdown',
  description:
    'Mean time of a stage by agent within the summary window: where the time of an execution goes. The longest bar is the ' +
    'stage worth making faster.',
  unit: 's',
  query: { ask: agents.meanAgentTime, legend: '{{agent}}' },
  steps: amountSteps,
  whenEmpty: 'No stages',
});

export const agentDurationPanel = buildTimeSeries({
  title: 'Agent duration P95',
  description:
    'Time of a stage by agent; 95 % are faster. The dashed line is the objective for the whole execution: no stage may come ' +
    'near it.',
  unit: 's',
  queries: [{ ask: agents.agentP95, legend: '{{agent}}' }],
  limit: objectives['pipeline-latency'].indicator.belowSeconds,
  whenEmpty: 'No stages',
});

export const stageRatePanel = buildTimeSeries({
  title: 'Stages run by agent',
  description:
    'Stages ended a second. Each agent runs once an execution that reaches it: where the lines part, executions end early, by ' +
    'decision or by failure.',
  unit: 'ops',
  queries: [{ ask: agents.stageRate, legend: '{{agent}}' }],
  whenEmpty: 'No stages',
});

export const agentFailureSharePanel = buildTimeSeries({
  title: 'Failed share by agent',
  description:
    'Share of the stages of an agent that failed. The dashed line is the default threshold of HighPipelineFailureRate: a ' +
    'failed stage fails its execution.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: agents.agentFailureShare, legend: '{{agent}}' }],
  limit: alerts.HighPipelineFailureRate.threshold,
  whenEmpty: 'No stages',
});

export const failedStagesPanel = buildBars({
  title: 'Failures by agent',
  description:
    "Failed stages within the summary window. market-data: prices are missing; trade-manager: the broker; the worker's log " +
    'names the error of each.',
  unit: 'locale',
  query: { ask: agents.failedStages, legend: '{{agent}}' },
  steps: failureSteps,
  whenEmpty: 'No stage failed',
});

export const modelCallsPanel = buildTimeSeries({
  title: 'Model calls',
  description: 'Calls of language models a second, by model, failed ones included. Rule-based agents ask none.',
  unit: 'ops',
  queries: [{ ask: agents.callRate, legend: '{{model}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

export const modelErrorSharePanel = buildTimeSeries({
  title: 'Failed share of model calls',
  description:
    'Share of the calls of a model that failed. One model: its provider or its limits; all: the key, or the way out of the cluster.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: agents.callErrorShare, legend: '{{model}}' }],
  whenEmpty: NO_MODEL,
});

export const modelErrorsPanel = buildTimeSeries({
  title: 'Model errors by agent',
  description: 'Failed calls of models a second, by the agent that asked. One agent alone: what it sends is refused.',
  unit: 'ops',
  queries: [{ ask: agents.callErrorsByAgent, legend: '{{agent}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

export const tokensPanel = buildTimeSeries({
  title: 'Tokens by model',
  description:
    'Tokens a second sent to and received from a model. Input grows faster than calls: prompts grow, and so does the cost.',
  unit: 'eps',
  queries: [{ ask: agents.tokenRate, legend: '{{model}}, {{kind}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

export const tokensByAgentPanel = buildTimeSeries({
  title: 'Tokens by agent',
  description: 'Tokens a second that an agent sends and receives, all models together: who to make terser first.',
  unit: 'eps',
  queries: [{ ask: agents.tokenRateByAgent, legend: '{{agent}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});
