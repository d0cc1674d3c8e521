import type { LabelsOf, MetricName, metrics } from './metrics.ts';
import type { TargetLabel } from './series.ts';

type PartOf<Name extends MetricName> = (typeof metrics)[Name]['type'] extends 'histogram'
  ? `${Name}_${'bucket' | 'sum' | 'count'}`
  : Name;
type LabelsToKeep = { readonly [Name in MetricName as PartOf<Name>]?: readonly (keyof LabelsOf<Name>)[] };

/**
 * The counters whose growth a recording rule records each minute for the dashboards, summed over all replicas. A panel
 * over a day then reads 1,440 samples for each label set, instead of 5,760 for each label set of each replica. Pods
 * that start, stop or restart do not distort the result.
 *
 * Each entry lists the labels that the recorded series keeps: the labels by which panels aggregate or dashboard
 * variables filter. The series of histogram buckets keep `le` as well.
 */
const minuteCounts = {
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
  trading_volume_usd_total: ['side'],
  api_user_actions_total: ['action', 'status'],
  tradingpipeline_controller_drift_repaired_total: ['kind'],
  tradingpipeline_controller_conflicts_total: ['kind'],
} as const satisfies LabelsToKeep;

interface MinuteCount {
  /** Name of the counter, or of the part of a histogram, whose growth is recorded. */
  readonly counted: string;
  readonly metric: MetricName;
  /** Name of the recorded series. The prefix `job:` says that all replicas of a job are summed. */
  readonly record: string;
  /** All labels of the recorded series, including the shared labels of the scrape target. */
  readonly labels: readonly string[];
}

/** Labels of the scrape target that are the same for all replicas of a service. */
const sharedTargetLabels: readonly TargetLabel[] = ['cluster', 'namespace', 'job'];

export const minuteCountList: readonly MinuteCount[] = Object.entries(minuteCounts).map(([counted, labels]) => {
  const bucket = counted.endsWith('_bucket') ? ['le'] : [];
  return {
    counted,
    metric: counted.replace(/_(bucket|sum|count)$/, '') as MetricName,
    record: `job:${counted.replace(/_total$/, '')}:increase1m`,
    labels: [...sharedTargetLabels, ...labels, ...bucket],
  };
});

/**
 * Returns the definition of the recorded growth of a counter or a part of a histogram.
 * @throws Error if the growth of `counted` is not recorded
 */
export function minuteCountOf(counted: string): MinuteCount {
  const found = minuteCountList.find((one) => one.counted === counted);
  if (!found) throw new Error(`${counted} is not recorded each minute: add it to catalogue/minute-counts.ts`);
  return found;
}
