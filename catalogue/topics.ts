/** The Kafka topics, the job queue and the Postgres channels through which the services exchange data. */

/**
 * The broker stores every batch with this codec, whichever one the producer chose. Any Kafka client can read gzip; many
 * cannot read snappy, lz4 and zstd.
 */
const stored = { 'compression.type': 'gzip' } as const;

export const topics = {
  /** Signals as JSON (trading/signals/signal.ts). The message key is the ticker. */
  signals: { name: 'trading-signals', partitions: 3, config: { ...stored, 'retention.ms': days(7) } },
  /**
   * Messages of `trading-signals` that are not valid signals. They are unchanged except for added headers with the
   * reason. Of a message too large for the topic, a part is left out, and the header `truncated` says which.
   */
  deadLetters: { name: 'trading-signals-dlq', partitions: 1, config: { ...stored, 'retention.ms': days(30) } },
  /**
   * Bars as JSON (trading/market/bar.ts). The message key is the symbol. The generator resumes from the last bar of
   * each symbol, so compaction keeps that bar forever. Earlier bars are removed after a day.
   */
  marketData: {
    name: 'market-data',
    partitions: 3,
    config: { ...stored, 'cleanup.policy': 'compact', 'min.compaction.lag.ms': days(1), 'segment.ms': days(1 / 24) },
  },
  /** Messages of `market-data` that are not bars, as on `trading-signals-dlq`. */
  marketDataDeadLetters: {
    name: 'market-data-dlq',
    partitions: 1,
    config: { ...stored, 'retention.ms': days(30) },
  },
} as const satisfies Record<string, TopicDefinition>;

interface TopicDefinition {
  readonly name: string;
  readonly partitions: number;
  /** Settings of the topic, keyed by their names in Kafka. */
  readonly config: Readonly<Record<string, string>>;
}

/** Converts days to milliseconds, as a string, which Kafka's topic settings require. */
function days(count: number): string {
  return String(count * 24 * 3_600_000);
}

/** Name of the job queue (BullMQ on Redis) between trigger-dispatcher, backend and celery-worker. */
export const EXECUTION_QUEUE = 'pipeline-executions';
/**
 * Returns the beginning of the queue's keys in Redis. In a Cluster it is a hash tag: BullMQ's scripts need all keys of a
 * queue on one node.
 */
export function queuePrefix(client: { readonly isCluster: boolean }): string {
  return client.isCluster ? '{bull}' : 'bull';
}
/** Name of the only job type in the queue. */
export const EXECUTE_PIPELINE = 'execute_pipeline';
/** States of jobs in the queue. */
export const queueStates = ['waiting', 'delayed', 'active', 'failed'] as const;
export type QueueState = (typeof queueStates)[number];
/** Results of an attempt at a job. `retried`: the job will be tried again. */
export const jobEnds = ['success', 'failed', 'retried'] as const;
export type JobEnd = (typeof jobEnds)[number];

/** Channels of Postgres NOTIFY. The payload is only an id, and the listener reads the row with that id. */
export const channels = {
  /** Payload: id of the pipeline. */
  pipelinesChanged: 'pipelines_changed',
  /** Payload: id of the signal. */
  signalsStored: 'signals_stored',
  /** Payload: id of the execution. */
  executionsChanged: 'executions_changed',
} as const;
