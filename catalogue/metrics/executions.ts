/** Metrics of pipeline executions, of the models they call, and of the job queue. */
import { agentNames } from '#trading/agents/agents.ts';
import { finishedStatuses, stageStatuses, triggerModes } from '#trading/executions/execution.ts';
import { endedCallStatuses, tokenKinds } from '#trading/models/question.ts';
import { EXECUTE_PIPELINE, EXECUTION_QUEUE, jobEnds, queueStates } from '../topics.ts';
import { type MetricDefinition, open, pipelineIds } from './metric.ts';

/**
 * Upper bounds of the buckets for durations of executions, in seconds. They are closest together around 10 s, the limit
 * of the latency objective, and reach up to 300 s.
 */
const execution = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 30, 60, 120, 300];

export const executionMetrics = {
  pipeline_executions_total: {
    type: 'counter',
    help: 'Finished pipeline executions, counted by the process that stored the end.',
    labels: { status: finishedStatuses, pipeline_id: pipelineIds, trigger_mode: triggerModes },
    emittedBy: ['backend', 'celery-worker'],
  },
  pipeline_execution_duration_seconds: {
    type: 'histogram',
    help: 'Time from the start of a pipeline execution to its end.',
    labels: { status: finishedStatuses, pipeline_id: pipelineIds },
    labelSets: 400,
    emittedBy: ['backend', 'celery-worker'],
    buckets: execution,
  },
  pipeline_executions_active: {
    type: 'gauge',
    help: 'Pipeline executions running now.',
    labels: { pipeline_id: pipelineIds, trigger_mode: triggerModes },
    emittedBy: ['backend', 'celery-worker'],
  },
  agent_execution_duration_seconds: {
    type: 'histogram',
    help: 'Time of one stage of a pipeline execution, by agent.',
    labels: { agent: agentNames, status: stageStatuses },
    emittedBy: ['celery-worker'],
    buckets: execution,
  },
  pipeline_execution_cost_usd: {
    type: 'histogram',
    help: 'Model cost of one pipeline execution, USD.',
    labels: { pipeline_id: pipelineIds },
    labelSets: 200,
    emittedBy: ['celery-worker'],
    buckets: [0, 0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  llm_calls_total: {
    type: 'counter',
    help: 'Calls of a language model.',
    labels: { model: open, agent: agentNames, status: endedCallStatuses },
    emittedBy: ['celery-worker'],
  },
  llm_tokens_total: {
    type: 'counter',
    help: 'Tokens sent to and received from a language model.',
    labels: { model: open, agent: agentNames, kind: tokenKinds },
    emittedBy: ['celery-worker'],
  },
  llm_cost_usd_total: {
    type: 'counter',
    help: 'Model cost, USD.',
    labels: { model: open, agent: agentNames },
    emittedBy: ['celery-worker'],
  },
  pipeline_last_progress_timestamp_seconds: {
    type: 'gauge',
    help: 'When an execution last began, or a stage or the end of one was stored, unix seconds; absent before the first.',
    emittedBy: ['celery-worker'],
  },
  pipeline_budget_remaining_usd: {
    type: 'gauge',
    help: 'Model budget left today, USD, of pipelines that have one.',
    labels: { pipeline_id: pipelineIds },
    emittedBy: ['celery-worker'],
  },

  // Job queue
  celery_tasks_total: {
    type: 'counter',
    help: 'Jobs ended, by task and status; retried counts attempts that will be tried again.',
    labels: { task: [EXECUTE_PIPELINE], status: jobEnds },
    emittedBy: ['celery-worker'],
  },
  celery_task_duration_seconds: {
    type: 'histogram',
    help: 'Time of a job, by task and status.',
    labels: { task: [EXECUTE_PIPELINE], status: jobEnds },
    emittedBy: ['celery-worker'],
    buckets: execution,
  },
  celery_active_tasks: {
    type: 'gauge',
    help: 'Jobs this worker runs now.',
    labels: { task: [EXECUTE_PIPELINE] },
    emittedBy: ['celery-worker'],
  },
  celery_queue_depth: {
    type: 'gauge',
    help: 'Jobs in the queue, by state; every worker reports the whole queue.',
    labels: { queue: [EXECUTION_QUEUE], state: queueStates },
    emittedBy: ['celery-worker'],
  },
} as const satisfies Record<string, MetricDefinition>;
