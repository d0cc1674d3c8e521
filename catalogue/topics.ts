/** Kafka topics, the job queue and the Postgres channels: the names by which the services find each other. */
export const topics = {
  /** Signals, JSON as in signals.ts, key = ticker. */
  signals: { name: 'trading-signals', partitions: 3, config: { 'retention.ms': days(7) } },
  /** Messages of `trading-signals` that are no signal, as they came, with the reason in the headers. */
  deadLetters: { name: 'trading-signals-dlq', partitions: 1, config: { 'retention.ms': days(30) } },
  /**
   * Bars, JSON as in market-data.ts, key = symbol. The last bar of a symbol is also where the generator resumes, so it
   * is kept for ever; bars before it go after a day.
   */
  marketData: {
    name: 'market-data',
    partitions: 3,
    config: { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': days(1), 'segment.ms': days(1 / 24) },
  },
} as const satisfies Record<string, TopicDefinition>;

export interface TopicDefinition {
  readonly name: string;
  readonly partitions: number;
  /** Kafka's own topic settings. */
  readonly config: Readonly<Record<string, string>>;
}

/** In milliseconds, as Kafka reads it. */
function days(count: number): string {
  return String(count * 24 * 3_600_000);
}

/** The job queue (BullMQ on Redis) between trigger-dispatcher, backend and celery-worker. */
export const EXECUTION_QUEUE = 'pipeline-executions';
/** The one kind of job in it. */
export const EXECUTE_PIPELINE = 'execute_pipeline';
/** States of jobs in the queue. */
export const queueStates = ['waiting', 'delayed', 'active', 'failed'] as const;
export type QueueState = (typeof queueStates)[number];
/** How an attempt at a job ends. `retried`: the job is tried again. */
export const jobEnds = ['success', 'failed', 'retried'] as const;
export type JobEnd = (typeof jobEnds)[number];

/** Postgres NOTIFY channels. Payloads are ids only: a listener reads the row. */
export const channels = {
  /** Payload: pipeline id. */
  pipelinesChanged: 'pipelines_changed',
  /** Payload: signal id. */
  signalsStored: 'signals_stored',
  /** Payload: execution id. */
  executionsChanged: 'executions_changed',
} as const;
