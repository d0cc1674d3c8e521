/** The shape of a metric, and label lists and buckets that several metrics share. */
import type { ProcessName, ServiceName } from '../services.ts';

/** Free text. */
export interface OpenLabel {
  readonly open: true;
  /** The values are ids of pipelines. A pipeline that a TradingPipeline declares keeps its own series beyond the budget. */
  readonly pipelines?: true;
}
/** A closed list of values, or free text. */
export type LabelDefinition = readonly string[] | OpenLabel;

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: Readonly<Record<string, LabelDefinition>>;
  readonly emittedBy: readonly ProcessName[];
  /** Upper bounds of a histogram's buckets, in the metric's unit. */
  readonly buckets?: readonly number[];
  /** The most label sets that a process keeps apart. If absent: DEFAULT_LABEL_SETS, or METRICS_LABEL_SETS of the environment. */
  readonly labelSets?: number;
  /** prom-client's default collectors emit it, not OpenTelemetry. */
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

/** From below a millisecond to seconds: queries, commands, publishes. */
export const fast = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** From milliseconds to the longest time that somebody waits: HTTP. */
export const interactive = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10];
