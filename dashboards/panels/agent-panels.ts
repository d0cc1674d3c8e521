/**
 * Panels about the stages of executions (each stage is one agent) and about the agents' calls of language models.
 */
import { alerts } from '#catalogue/alerts.ts';
import { objectives } from '#catalogue/objectives.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { amountSteps, failureSteps } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import * as agents from '../queries/agents.ts';

const NO_MODEL = 'No model is asked';

export const agentBreakdownPanel = buildBars({
  title: 'Agent execution breakdown',
  description:
    'Mean time of a stage, by agent, within the summary window. It shows where the time of an execution goes; the ' +
    'longest bar is the stage worth making faster.',
  unit: 's',
  query: { ask: agents.meanAgentTime, legend: '{{agent}}' },
  steps: amountSteps,
  whenEmpty: 'No stages',
});

const agentDurationPanel = buildTimeSeries({
  title: 'Agent duration P95',
  description:
    "95 % of an agent's stages take less time than this. The dashed line is the objective for the whole execution: a " +
    'single stage should stay far below it.',
  unit: 's',
  queries: [{ ask: agents.agentP95, legend: '{{agent}}' }],
  limit: objectives['pipeline-latency'].indicator.belowSeconds,
  whenEmpty: 'No stages',
});

const stageRatePanel = buildTimeSeries({
  title: 'Stages run by agent',
  description:
    'Stages that ended, per second. Each execution runs each agent once until it ends; where the lines differ, ' +
    'executions end early, by a decision or by a failure.',
  unit: 'ops',
  queries: [{ ask: agents.stageRate, legend: '{{agent}}' }],
  whenEmpty: 'No stages',
});

const agentFailureSharePanel = buildTimeSeries({
  title: 'Failed share by agent',
  description:
    "Share of an agent's stages that failed. A failed stage fails its execution. The dashed line is the default " +
    'threshold of HighPipelineFailureRate.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: agents.agentFailureShare, legend: '{{agent}}' }],
  limit: alerts.HighPipelineFailureRate.threshold,
  whenEmpty: 'No stages',
});

const failedStagesPanel = buildBars({
  title: 'Failures by agent',
  description:
    'Failed stages within the summary window. If market-data fails, prices are missing; if trade-manager fails, look ' +
    "at the broker. The worker's log has the error of each stage.",
  unit: 'locale',
  query: { ask: agents.failedStages, legend: '{{agent}}' },
  steps: failureSteps,
  whenEmpty: 'No stage failed',
});

const modelCallsPanel = buildTimeSeries({
  title: 'Model calls',
  description:
    'Calls of language models per second, by model, including calls that failed. Rule-based agents call no model.',
  unit: 'ops',
  queries: [{ ask: agents.callRate, legend: '{{model}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

const modelErrorSharePanel = buildTimeSeries({
  title: 'Failed share of model calls',
  description:
    "Share of a model's calls that failed. If one model fails, look at its provider or its rate limits. If all fail, " +
    'look at the API key or at the network out of the cluster.',
  unit: 'percentunit',
  max: 1,
  queries: [{ ask: agents.callErrorShare, legend: '{{model}}' }],
  whenEmpty: NO_MODEL,
});

const modelErrorsPanel = buildTimeSeries({
  title: 'Model errors by agent',
  description:
    'Failed model calls per second, by the agent that made them. If only one agent has errors, the models refuse its ' +
    'requests.',
  unit: 'ops',
  queries: [{ ask: agents.callErrorsByAgent, legend: '{{agent}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

const tokensPanel = buildTimeSeries({
  title: 'Tokens by model',
  description:
    'Tokens per second sent to a model and received from it. If input tokens grow faster than calls, prompts are ' +
    'growing, and so is the cost.',
  unit: 'eps',
  queries: [{ ask: agents.tokenRate, legend: '{{model}}, {{kind}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

const tokensByAgentPanel = buildTimeSeries({
  title: 'Tokens by agent',
  description:
    'Tokens per second that an agent sends and receives, over all models. Shorten the prompts of the agent with the ' +
    'most tokens first.',
  unit: 'eps',
  queries: [{ ask: agents.tokenRateByAgent, legend: '{{agent}}' }],
  stacked: true,
  whenEmpty: NO_MODEL,
});

export const agentsSection: Section = {
  title: 'Agents',
  lines: [buildLine(8, [stageRatePanel, 12], [agentBreakdownPanel, 12])],
};

export const agentErrorsSection: Section = {
  title: 'Errors',
  lines: [buildLine(8, [agentFailureSharePanel, 14], [failedStagesPanel, 10])],
};

export const agentDurationSection: Section = {
  title: 'Duration',
  lines: [buildLine(8, [agentDurationPanel, 24])],
};

export const modelsSection: Section = {
  title: 'Models',
  lines: [
    buildLine(8, [modelCallsPanel, 8], [modelErrorSharePanel, 8], [modelErrorsPanel, 8]),
    buildLine(8, [tokensPanel, 12], [tokensByAgentPanel, 12]),
  ],
};
