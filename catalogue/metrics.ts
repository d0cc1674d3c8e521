import { agentNames } from '#trading/agents/agents.ts';
import { type executionStatuses, triggerModes } from '#trading/executions/execution.ts';
import { generatorNames } from '#trading/generators/generator.ts';
import { signalTypeNames } from '#trading/signals/signal.ts';
import { STREAM_PATH, userActions } from './api.ts';
import { CONTROLLER, type ProcessName, type ServiceName, serviceNames } from './services.ts';
import { EXECUTE_PIPELINE, EXECUTION_QUEUE } from './topics.ts';

/**
 * Every metric the platform emits, by the exact name a scrape shows. Names are the users': never rename one.
 *
 * A label is either a closed list of values, or open: free text. A process keeps at most `labelSets` distinct label sets of
 * a metric and counts the rest under `other` in its open labels, so that no input can grow Prometheus without bound.
 */
export interface OpenLabel {
  readonly open: true;
  /** Its values are ids of pipelines: one that a TradingPipeline declares keeps series of its own beyond the budget. */
  readonly pipelines?: true;
}
export type LabelDefinition = readonly string[] | OpenLabel;

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: Readonly<Record<string, LabelDefinition>>;
  readonly emittedBy: readonly ProcessName[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
  /** Most distinct label sets that a process keeps apart; DEFAULT_LABEL_SETS, or the environment's, when absent. */
  readonly labelSets?: number;
  /** Emitted by prom-client's default collectors, not through OpenTelemetry. */
  readonly runtime?: true;
}

/** The value open labels take beyond the budget of their metric. */
export const OTHER = 'other';

/** Label sets of a metric that names no number of its own. METRICS_LABEL_SETS changes it. */
export const DEFAULT_LABEL_SETS = 1_000;

const open: OpenLabel = { open: true };

const withDatabase = ['backend', 'celery-worker', 'trigger-dispatcher'] as const satisfies readonly ServiceName[];
const outcome = ['success', 'error'] as const;
const finished = ['success', 'failed'] as const satisfies readonly (typeof executionStatuses)[number][];
const statements = ['select', 'insert', 'update', 'delete', 'other'] as const;
const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const;
const pipelineIds: OpenLabel = { open: true, pipelines: true };
const queueStates = ['waiting', 'delayed', 'active', 'failed'] as const;

/** Sub-millisecond to seconds: queries, commands, publishes. */
const fast = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Milliseconds to the edge of patience: HTTP. */
const interactive = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10];
/** Resolves the 10 s objective and reaches 300 s. */
const execution = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15, 30, 60, 120, 300];
const bytes = [128, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

export const metrics = {
  // Every process
  process_start_time_seconds: {
    type: 'gauge',
    help: 'Start time of the process since unix epoch in seconds.',
    emittedBy: [...serviceNames, CONTROLLER],
    runtime: true,
  },
  process_cpu_limit_cores: {
    type: 'gauge',
    help: 'CPU the process may use: the limit of its cgroup, or the cores of the machine.',
    emittedBy: [...serviceNames, CONTROLLER],
  },
  process_memory_limit_bytes: {
    type: 'gauge',
    help: 'Memory the process may use: the limit of its cgroup, or the memory of the machine.',
    emittedBy: [...serviceNames, CONTROLLER],
  },

  telemetry_scrape_duration_seconds: {
    type: 'gauge',
    help: 'Time the process took to answer its last scrape.',
    emittedBy: [...serviceNames, CONTROLLER],
  },
  telemetry_scrape_size_bytes: {
    type: 'gauge',
    help: 'Size of the last answer to a scrape, before compression.',
    emittedBy: [...serviceNames, CONTROLLER],
  },
  telemetry_label_overflow_total: {
    type: 'counter',
    help: 'Observations counted under `other`, because their metric had its most label sets already.',
    labels: { metric: open },
    emittedBy: [...serviceNames, CONTROLLER],
  },

  // HTTP
  http_server_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the first byte of a request to the last of its answer; the route is the template.',
    labels: { method: httpMethods, route: open, status_code: open },
    labelSets: 2_100,
    emittedBy: ['backend'],
    buckets: interactive,
  },
  http_server_active_requests: {
    type: 'gauge',
    help: 'Requests being answered now.',
    labels: { method: httpMethods, route: open },
    emittedBy: ['backend'],
  },
  http_server_request_size_bytes: {
    type: 'histogram',
    help: 'Size of request bodies.',
    labels: { method: httpMethods, route: open },
    emittedBy: ['backend'],
    buckets: bytes,
  },
  http_server_response_size_bytes: {
    type: 'histogram',
    help: 'Size of response bodies.',
    labels: { method: httpMethods, route: open },
    emittedBy: ['backend'],
    buckets: bytes,
  },
  websocket_connections_active: {
    type: 'gauge',
    help: 'WebSocket connections open now.',
    labels: { endpoint: [STREAM_PATH] },
    emittedBy: ['backend'],
  },

  // Postgres and Redis
  db_query_duration_seconds: {
    type: 'histogram',
    help: 'Time of a Postgres query, by kind.',
    labels: { query_type: statements },
    emittedBy: withDatabase,
    buckets: fast,
  },
  db_active_connections: {
    type: 'gauge',
    help: 'Postgres connections in use.',
    emittedBy: withDatabase,
  },
  db_pool_size: {
    type: 'gauge',
    help: 'Most Postgres connections the pool opens.',
    emittedBy: withDatabase,
  },
  database_queries_total: {
    type: 'counter',
    help: 'Postgres queries, by operation, table and status.',
    labels: { operation: statements, table: open, status: outcome },
    emittedBy: withDatabase,
  },
  database_query_duration_seconds: {
    type: 'histogram',
    help: 'Time of a Postgres query, by operation and table.',
    labels: { operation: statements, table: open },
    emittedBy: withDatabase,
    buckets: fast,
  },
  redis_command_duration_seconds: {
    type: 'histogram',
    help: 'Time of a Redis command.',
    labels: { command: open },
    emittedBy: withDatabase,
    buckets: fast,
  },
  redis_operations_total: {
    type: 'counter',
    help: 'Redis commands, by command and status.',
    labels: { operation: open, status: outcome },
    emittedBy: withDatabase,
  },
  redis_connection_errors_total: {
    type: 'counter',
    help: 'Failed or lost connections to Redis.',
    emittedBy: withDatabase,
  },

  // Pipeline executions
  pipeline_executions_total: {
    type: 'counter',
    help: 'Finished pipeline executions, counted by the process that stored the end.',
    labels: { status: finished, pipeline_id: pipelineIds, trigger_mode: triggerModes },
    emittedBy: ['backend', 'celery-worker'],
  },
  pipeline_execution_duration_seconds: {
    type: 'histogram',
    help: 'Time from the start of a pipeline execution to its end.',
    labels: { status: finished, pipeline_id: pipelineIds },
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
    labels: { agent: agentNames, status: finished },
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
    labels: { model: open, agent: agentNames, status: outcome },
    emittedBy: ['celery-worker'],
  },
  llm_tokens_total: {
    type: 'counter',
    help: 'Tokens sent to and received from a language model.',
    labels: { model: open, agent: agentNames, kind: ['input', 'output'] },
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
    labels: { task: [EXECUTE_PIPELINE], status: ['success', 'failed', 'retried'] },
    emittedBy: ['celery-worker'],
  },
  celery_task_duration_seconds: {
    type: 'histogram',
    help: 'Time of a job, by task and status.',
    labels: { task: [EXECUTE_PIPELINE], status: ['success', 'failed', 'retried'] },
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

  // Signals and their publication
  signals_generated_total: {
    type: 'counter',
    help: 'Signals generated, by type and source of the market data.',
    labels: { signal_type: signalTypeNames, source: ['replay'] },
    emittedBy: ['signal-generator'],
  },
  signal_generation_duration_seconds: {
    type: 'histogram',
    help: 'Time a generator takes for one bar, by the type of signal it looks for.',
    labels: { generator: generatorNames, signal_type: signalTypeNames },
    emittedBy: ['signal-generator'],
    buckets: [0.000001, 0.0000025, 0.000005, 0.00001, 0.000025, 0.0001, 0.001, 0.01, 0.1, 1],
  },
  kafka_publish_duration_seconds: {
    type: 'histogram',
    help: 'Time until all in-sync replicas have a signal.',
    labels: { signal_type: signalTypeNames },
    emittedBy: ['signal-generator'],
    buckets: fast,
  },
  kafka_publish_success_total: {
    type: 'counter',
    help: 'Signals acknowledged by all in-sync replicas.',
    labels: { signal_type: signalTypeNames },
    emittedBy: ['signal-generator'],
  },
  kafka_publish_failure_total: {
    type: 'counter',
    help: 'Failed attempts to publish a signal; it is tried again, in order.',
    labels: { signal_type: signalTypeNames, error_type: ['timeout', 'connection', 'broker', 'other'] },
    emittedBy: ['signal-generator'],
  },
  market_open: {
    type: 'gauge',
    help: '1 while the market of a symbol is open, so that bars and signals are due; 0 while it is closed.',
    labels: { symbol: open },
    emittedBy: ['signal-generator'],
  },
  signals_last_generated_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last signal was generated, unix seconds; absent before the first.',
    emittedBy: ['signal-generator'],
  },

  // Trigger dispatcher
  signals_consumed_total: {
    type: 'counter',
    help: 'Well-formed signals consumed and stored.',
    labels: { signal_type: open },
    emittedBy: ['trigger-dispatcher'],
  },
  signals_rejected_total: {
    type: 'counter',
    help: 'Malformed messages, sent to the dead-letter topic.',
    labels: { reason: ['not_json', 'not_a_signal'] },
    emittedBy: ['trigger-dispatcher'],
  },
  pipelines_matched_total: {
    type: 'counter',
    help: 'Pipelines matched by signals, by ticker.',
    labels: { ticker: open },
    emittedBy: ['trigger-dispatcher'],
  },
  pipelines_enqueued_total: {
    type: 'counter',
    help: 'Matched pipelines enqueued, or skipped because they were running for that ticker.',
    labels: { status: ['enqueued', 'skipped'] },
    emittedBy: ['trigger-dispatcher'],
  },
  pipelines_skipped_running_total: {
    type: 'counter',
    help: 'Matched pipelines skipped because they were running for that ticker.',
    emittedBy: ['trigger-dispatcher'],
  },
  batch_size: {
    type: 'histogram',
    help: 'Signals in a batch.',
    emittedBy: ['trigger-dispatcher'],
    buckets: [1, 2, 5, 10, 15, 20, 50, 100, 200, 500],
  },
  batch_processing_duration_seconds: {
    type: 'histogram',
    help: 'Time from the end of a batch to its committed offsets.',
    emittedBy: ['trigger-dispatcher'],
    buckets: interactive,
  },
  signals_last_dispatched_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last batch was stored, enqueued and committed, unix seconds; absent before the first.',
    emittedBy: ['trigger-dispatcher'],
  },
  pipeline_cache_size: {
    type: 'gauge',
    help: 'Active pipelines in the index.',
    emittedBy: ['trigger-dispatcher'],
  },
  cache_size_bytes: {
    type: 'gauge',
    help: 'Estimated size of the index.',
    emittedBy: ['trigger-dispatcher'],
  },
  cache_refresh_duration_seconds: {
    type: 'histogram',
    help: 'Time of a full refresh of the index from Postgres.',
    emittedBy: ['trigger-dispatcher'],
    buckets: interactive,
  },
  kafka_consumer_lag_seconds: {
    type: 'gauge',
    help: 'Age of the oldest unconsumed message; 0 when caught up.',
    labels: { topic: open, partition: open },
    emittedBy: ['trigger-dispatcher'],
  },
  kafka_consumer_offset: {
    type: 'gauge',
    help: 'Next offset to consume, as committed.',
    labels: { topic: open, partition: open },
    emittedBy: ['trigger-dispatcher'],
  },

  // Trading desk
  trading_bots_active_total: {
    type: 'gauge',
    help: 'Bots, by status. A bot is a pipeline that trades.',
    labels: { status: ['running', 'paused', 'stopped'] },
    emittedBy: ['backend'],
  },
  trading_bot_trades_total: {
    type: 'counter',
    help: 'Orders by bot, symbol, side and status.',
    labels: { bot_id: pipelineIds, symbol: open, side: ['buy', 'sell'], status: ['filled', 'rejected'] },
    emittedBy: ['backend', 'celery-worker'],
  },
  trading_bot_pnl_usd: {
    type: 'gauge',
    help: 'Realised and unrealised profit of a bot by symbol, USD.',
    labels: { bot_id: pipelineIds, symbol: open },
    emittedBy: ['backend'],
  },
  portfolio_total_value_usd: {
    type: 'gauge',
    help: 'Cash and positions at the last price, USD.',
    emittedBy: ['backend'],
  },
  portfolio_positions_count: {
    type: 'gauge',
    help: 'Open positions, by symbol.',
    labels: { symbol: open },
    emittedBy: ['backend'],
  },
  portfolio_cash_balance_usd: {
    type: 'gauge',
    help: 'Cash, USD.',
    emittedBy: ['backend'],
  },
  portfolio_drawdown_ratio: {
    type: 'gauge',
    help: 'Fall of the total value from its running peak, 0 to 1.',
    emittedBy: ['backend'],
  },
  market_data_updates_total: {
    type: 'counter',
    help: 'Bars received, by symbol and source.',
    labels: { symbol: open, source: ['replay'] },
    emittedBy: ['backend', 'signal-generator'],
  },
  market_data_lag_seconds: {
    type: 'histogram',
    help: 'Time from when a bar was due or emitted until it was handled.',
    labels: { source: ['replay'] },
    emittedBy: ['backend', 'signal-generator'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  market_data_last_bar_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last bar of a symbol was published (by the generator) or stored (by the backend), unix seconds.',
    labels: { symbol: open },
    emittedBy: ['backend', 'signal-generator'],
  },

  // Users: bounded, never a user id
  api_user_actions_total: {
    type: 'counter',
    help: 'What users did, by action and status.',
    labels: {
      action: userActions,
      status: outcome,
    },
    emittedBy: ['backend'],
  },

  // Operator
  tradingpipeline_controller_reconciles_total: {
    type: 'counter',
    help: 'Reconciles, by result.',
    labels: { result: ['success', 'error'] },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_reconcile_duration_seconds: {
    type: 'histogram',
    help: 'Time of a reconcile.',
    emittedBy: [CONTROLLER],
    buckets: fast,
  },
  tradingpipeline_controller_queue_depth: {
    type: 'gauge',
    help: 'Resources waiting to be reconciled.',
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_queue_latency_seconds: {
    type: 'histogram',
    help: 'Time a resource waits in the queue.',
    emittedBy: [CONTROLLER],
    buckets: fast,
  },
  tradingpipeline_controller_watch_age_seconds: {
    type: 'gauge',
    help: 'Time since a watch last heard from the API server, by resource.',
    labels: { resource: open },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_api_requests_total: {
    type: 'counter',
    help: 'Requests to the API server, by verb and status code (0: no answer).',
    labels: { verb: ['get', 'list', 'watch', 'apply', 'delete', 'create', 'update'], code: open },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_prometheus_polls_total: {
    type: 'counter',
    help: 'Times the operator asked Prometheus about all resources, by whether it had every answer.',
    labels: { result: ['success', 'error'] },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_drift_repaired_total: {
    type: 'counter',
    help: 'Generated objects that somebody changed or deleted and that were put right, by kind.',
    labels: { kind: ['ServiceMonitor', 'PrometheusRule', 'ConfigMap'] },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_leader: {
    type: 'gauge',
    help: 'Whether this process leads (1) or stands by (0).',
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_retries_total: {
    type: 'counter',
    help: 'Reconciles that failed and were put back to be tried again.',
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_conflicts_total: {
    type: 'counter',
    help: 'Writes that the API server refused because the object had changed (409), by kind.',
    labels: { kind: open },
    emittedBy: [CONTROLLER],
  },
  tradingpipeline_controller_resources: {
    type: 'gauge',
    help: 'TradingPipelines, by whether they are Ready.',
    labels: { ready: ['True', 'False', 'Unknown'] },
    emittedBy: [CONTROLLER],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as MetricName[];

/** The definition of a metric, at its general type. */
export function metricDefinition(name: MetricName): MetricDefinition {
  return metrics[name];
}

type MetricTable = typeof metrics;
type LabelTable<Name extends MetricName> = MetricTable[Name] extends { labels: infer Labels } ? Labels : object;

/** The labels an observation of a metric must carry: exactly those the catalogue names, with its closed values. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof LabelTable<Name>]: LabelTable<Name>[Label] extends readonly (infer Value)[] ? Value : string;
};

/** The metrics a process emits, optionally of one type. Runtime metrics are not emitted by hand. */
export type EmittedBy<Process extends ProcessName, Type extends MetricDefinition['type'] = MetricDefinition['type']> = {
  [Name in MetricName]: MetricTable[Name] extends { runtime: true }
    ? never
    : MetricTable[Name]['type'] extends Type
      ? Process extends MetricTable[Name]['emittedBy'][number]
        ? Name
        : never
      : never;
}[MetricName];

export function metricsEmittedBy(process: ProcessName): MetricName[] {
  return metricNames.filter((name) => metricDefinition(name).emittedBy.includes(process));
}

/**
 * Every label set of a metric whose labels are all closed lists, in catalogue order: what exists from the first
 * scrape. A metric without labels has the one empty set; a metric with an open label has none that is known.
 */
export function knownLabelSets(name: MetricName): Record<string, string>[] {
  let sets: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(metricDefinition(name).labels ?? {})) {
    if ('open' in values) return [];
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })));
  }
  return sets;
}
