import type { LabelsOf, MetricName, metrics } from './metrics.ts';
import type { TargetLabel } from './series.ts';

type PartOf<Name extends MetricName> = (typeof metrics)[Name]['type'] extends 'histogram'
  ? `${Name}_${'bucket' | 'sum' | 'count'}`
  : Name;
type LabelsToKeep = { readonly [Name in MetricName as PartOf<Name>]?: readonly (keyof LabelsOf<Name>)[] };

/**
 * The counters whose growth is recorded each minute for the dashboards, summed over all replicas. A panel over a day then reads 1,440
 * samples for each label set instead of 5,760 for each replica, and pods that go, come or restart make no difference.
 *
 * Each entry lists the labels that are kept: those that panels aggregate by and those that dashboard variables narrow. Buckets also
 * keep `le`.
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
  api_user_actions_total: ['action', 'status'],
  tradingpipeline_controller_drift_repaired_total: ['kind'],
  tradingpipeline_controller_conflicts_total: ['kind'],
} as const satisfies LabelsToKeep;

interface MinuteCount {
  /** The counter, or the part of a histogram, whose growth it is. */
  readonly counted: string;
  readonly metric: MetricName;
  /** The name of the recorded series. `job` in it means that all replicas of a job are summed. */
  readonly record: string;
  /** All labels of the recorded series, including those of the target. */
  readonly labels: readonly string[];
}

/** Target labels that are the same for all replicas. */
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

/** The recorded growth of a counter or of a part of a histogram. @throws if none is recorded */
export function minuteCountOf(counted: string): MinuteCount {
  const found = minuteCountList.find((one) => one.counted === counted);
  if (!found) throw new Error(`${counted} is not recorded each minute: add it to catalogue/minute-counts.ts`);
  return found;
}
