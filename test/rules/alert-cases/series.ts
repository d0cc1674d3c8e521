/** Names of series, and samples, that the cases of several alerts use. */
import { of } from '../series-text.ts';

export const up = of('backend', 'up');
export const executions = (status: string, pipeline_id = 'p1') =>
  of('celery-worker', 'pipeline_executions_total', { status, pipeline_id, trigger_mode: 'signal' });
export const duration = (le: string) =>
  of('celery-worker', 'pipeline_execution_duration_seconds_bucket', { le, status: 'success', pipeline_id: 'p1' });
export const index = of('trigger-dispatcher', 'pipeline_cache_size');
export const generator = of('signal-generator', 'up');
export const market = (symbol: string) => of('signal-generator', 'market_open', { symbol });
export const published = of('signal-generator', 'kafka_publish_success_total', { signal_type: 'rsi' });
export const unpublished = of('signal-generator', 'kafka_publish_failure_total', {
  signal_type: 'rsi',
  error_type: 'timeout',
});
export const lag = of('trigger-dispatcher', 'kafka_consumer_lag_seconds', { topic: 'trading-signals', partition: '0' });
export const consumed = of('trigger-dispatcher', 'signals_consumed_total', { signal_type: 'rsi' });
export const dispatcher = of('trigger-dispatcher', 'up');
export const dispatched = of('trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds');
export const worker = of('celery-worker', 'up');
export const movedOn = of('celery-worker', 'pipeline_last_progress_timestamp_seconds');
export const jobs = (state: string) => of('celery-worker', 'celery_queue_depth', { queue: 'executions', state });
export const enqueued = of('trigger-dispatcher', 'pipelines_enqueued_total', { status: 'enqueued' });
export const signalled = of('signal-generator', 'signals_last_generated_timestamp_seconds');
export const lastBar = (symbol: string, service = 'signal-generator') =>
  of(service, 'market_data_last_bar_timestamp_seconds', { symbol });
export const started = (service: string) => of(service, 'process_start_time_seconds');
/** Samples of a gauge with the time of the last progress. `ticking` has progress at each scrape, `stuck` only in the first minute. */
export const ticking = '0+15x400';
export const stuck = '0+15x4 60x400';
export const bots = of('backend', 'trading_bots_active_total', { status: 'running' });
export const late = (le: string) => of('backend', 'market_data_lag_seconds_bucket', { le, source: 'replay' });
export const redis = of('backend', 'redis_connection_errors_total');
export const drawdown = of('backend', 'portfolio_drawdown_ratio');
export const cpu = of('celery-worker', 'process_cpu_seconds_total');
export const cores = of('celery-worker', 'process_cpu_limit_cores');
export const memory = of('celery-worker', 'process_resident_memory_bytes');
export const memoryLimit = of('celery-worker', 'process_memory_limit_bytes');
export const cost = of('celery-worker', 'llm_cost_usd_total', { model: 'm1', agent: 'bias' });
export const overflow = (metric: string) => of('trigger-dispatcher', 'telemetry_label_overflow_total', { metric });
export const budget = (pipeline_id: string) => of('celery-worker', 'pipeline_budget_remaining_usd', { pipeline_id });

export const allUp = {
  [up]: '1x400',
  [of('celery-worker', 'up')]: '1x400',
  [generator]: '1x400',
  [of('trigger-dispatcher', 'up')]: '1x400',
};
