/** The operator: its queue, its reconciles, and the responses of the API server. */
import { aggregate } from '#base/promql/build-promql.ts';
import { bucketRates, type Expression, maxOf, quantile, rate, ratio, sumOf, total, wholeOf } from './expression.ts';
import { selectMetric } from './selector.ts';

const depth = 'tradingpipeline_controller_queue_depth';
const duration = 'tradingpipeline_controller_reconcile_duration_seconds';
const latency = 'tradingpipeline_controller_queue_latency_seconds';

/** Number of running replicas, counted by their queues: every running replica reports its queue, even an empty one. */
export const replicas: Expression = {
  promql: `${aggregate('count', selectMetric(depth))} or vector(0)`,
  reads: [depth],
};
export const leaders = sumOf('tradingpipeline_controller_leader');
export const retryRate = rate('tradingpipeline_controller_retries_total');
export const resourcesByReadiness = wholeOf('tradingpipeline_controller_resources', { by: ['ready'] });
export const watchAge = maxOf('tradingpipeline_controller_watch_age_seconds', { by: ['resource'] });

export const reconcileRate = rate('tradingpipeline_controller_reconciles_total', { by: ['result'] });
export const reconcileErrorShare = ratio(
  rate('tradingpipeline_controller_reconciles_total', { where: { result: 'error' } }),
  rate('tradingpipeline_controller_reconciles_total'),
);
export const reconcileP50 = quantile(0.5, duration);
export const reconcileP95 = quantile(0.95, duration);
export const reconcileP99 = quantile(0.99, duration);
export const reconcileBuckets = bucketRates(duration);

export const queueDepth = sumOf(depth);
export const queueLatencyP50 = quantile(0.5, latency);
export const queueLatencyP95 = quantile(0.95, latency);
export const queueLatencyP99 = quantile(0.99, latency);

const requests = 'tradingpipeline_controller_api_requests_total';
export const requestRate = rate(requests, { by: ['verb', 'code'] });
/** Code 0 stands for a request without a response. */
export const requestErrorRate = rate(requests, { where: { code: { matches: '0|4..|5..' } }, by: ['verb', 'code'] });
export const conflictsOfHour = total('tradingpipeline_controller_conflicts_total', '1h', { by: ['kind'] });
export const driftRate = rate('tradingpipeline_controller_drift_repaired_total', { by: ['kind'] });
export const driftOfHour = total('tradingpipeline_controller_drift_repaired_total', '1h', { by: ['kind'] });
export const prometheusPollRate = rate('tradingpipeline_controller_prometheus_polls_total', { by: ['result'] });
