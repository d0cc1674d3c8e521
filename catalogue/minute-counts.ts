import type { LabelsOf, MetricName, metrics } from './metrics.ts';

type PartOf<Name extends MetricName> = (typeof metrics)[Name]['type'] extends 'histogram'
  ? `${Name}_${'bucket' | 'sum' | 'count'}`
  : Name;
type LabelsToKeep = { readonly [Name in MetricName as PartOf<Name>]?: readonly (keyof LabelsOf<Name>)[] };

/**
 * What is recorded each minute for the dashboards: how much a counter grew, over all replicas, by the labels that panels ask for
 * and by those that their variables narrow. A panel over a day then reads 1,440 samples a set of labels, where the counters have
 * 5,760 a replica; and a pod that went, came or started anew makes no difference.
 *
 * Of each, the labels of the metric that are kept; a histogram's buckets keep `le` beside them.
 */
export const minuteCounts = {
  http_server_request_duration_seconds_bucket: ['method', 'route'],
  http_server_request_duration_seconds_count: ['status_code'],
  db_query_duration_seconds_bucket: [],
  database_query_duration_seconds_bucket: ['operation', 'table'],
  redis_operations_total: ['status'],
  pipeline_executions_total: ['status', 'pipeline_id'],
  pipeline_execution_duration_seconds_bucket: ['pipeline_id'],
  pipeline_execution_duration_seconds_sum: ['pipeline_id'],
  pipeline_execution_duration_seconds_count: ['pipeline_id'],
  agent_execution_duration_seconds_sum: ['agent'],
  agent_execution_duration_seconds_count: ['agent', 'status'],
  pipeline_execution_cost_usd_bucket: ['pipeline_id'],
  pipeline_execution_cost_usd_sum: ['pipeline_id'],
  pipeline_execution_cost_usd_count: ['pipeline_id'],
  llm_cost_usd_total: ['model', 'agent'],
  signals_generated_total: ['signal_type', 'source'],
  kafka_publish_success_total: ['signal_type'],
  kafka_publish_failure_total: ['signal_type'],
  signals_rejected_total: [],
  pipelines_matched_total: [],
  pipelines_enqueued_total: ['status'],
  batch_size_sum: [],
  batch_size_count: [],
  trading_bot_trades_total: ['bot_id', 'side', 'status'],
  api_user_actions_total: ['action', 'status'],
  tradingpipeline_controller_drift_repaired_total: ['kind'],
  tradingpipeline_controller_conflicts_total: ['kind'],
} as const satisfies LabelsToKeep;

export interface MinuteCount {
  /** The counter, or the part of a histogram, that it counts. */
  readonly counted: string;
  readonly metric: MetricName;
  /** Its own name: `job` stands for all replicas of a job together. */
  readonly record: string;
  /** All that it has, those of its targets among them. */
  readonly labels: readonly string[];
}

/** Labels of a target that all its replicas have. */
const sharedTargetLabels = ['cluster', 'namespace', 'job'];

export const minuteCountList: readonly MinuteCount[] = Object.entries(minuteCounts).map(([counted, labels]) => {
  const bucket = counted.endsWith('_bucket') ? ['le'] : [];
  return {
    counted,
    metric: counted.replace(/_(bucket|sum|count)$/, '') as MetricName,
    record: `job:${counted.replace(/_total$/, '')}:increase1m`,
    labels: [...sharedTargetLabels, ...labels, ...bucket],
  };
});

/** What is recorded of a counter, or of a part of a histogram. Throws when nothing is. */
export function minuteCountOf(counted: string): MinuteCount {
  const found = minuteCountList.find((one) => one.counted === counted);
  if (!found) throw new Error(`nothing records ${counted} each minute: list it in catalogue/minute-counts.ts`);
  return found;
}
