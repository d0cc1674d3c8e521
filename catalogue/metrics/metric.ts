/** The type of a metric, and the label lists and buckets that several metrics share. */
import type { ProcessName, ServiceName } from '../services.ts';

/** A label whose value can be any string. */
export interface OpenLabel {
  readonly open: true;
  /**
   * Present if the values are pipeline ids. A pipeline that a TradingPipeline declares keeps its own series even when
   * the label budget is used up.
   */
  readonly pipelines?: true;
}
/** The possible values of a label: a closed list, or any string. */
export type LabelDefinition = readonly string[] | OpenLabel;

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: Readonly<Record<string, LabelDefinition>>;
  /** The label sets that occur, if the values of closed labels do not occur in every combination. */
  readonly combinations?: readonly Readonly<Record<string, string>>[];
  readonly emittedBy: readonly ProcessName[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
  /**
   * Maximum number of label sets in one process. If absent: the variable METRICS_LABEL_SETS, or else
   * DEFAULT_LABEL_SETS.
   */
  readonly labelSets?: number;
  /** Present if prom-client's default collectors emit the metric. */
  readonly runtime?: true;
}

export const open: OpenLabel = { open: true };
export const pipelineIds: OpenLabel = { open: true, pipelines: true };
export const outcome = ['success', 'error'] as const;

export const withDatabase = [
  'backend',
  'celery-worker',
  'trigger-dispatcher',
] as const satisfies readonly ServiceName[];

/**
 * Upper bounds of buckets for database queries, Redis commands and Kafka publishes, in seconds: from below a
 * millisecond to 5 s.
 */
export const fast = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Upper bounds of buckets for HTTP requests, in seconds: from milliseconds to 10 s, the longest that a user waits. */
export const interactive = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10];
