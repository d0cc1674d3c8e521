import type { AlertName } from '#catalogue/alerts.ts';
import type { AlertCase } from './alert-case.ts';

/** A series of a service, as the generated ServiceMonitors label it. */
function of(service: string, metric: string, labels: Readonly<Record<string, string>> = {}): string {
  const all = { ...labels, job: service, service, namespace: 'desk', instance: `${service}:8001` };
  return `${metric}{${Object.entries(all).map(([name, value]) => `${name}="${value}"`).join(',')}}`; // biome-ignore format: one line
}

const up = of('backend', 'up');
const executions = (status: string, pipeline_id = 'p1') =>
  of('celery-worker', 'pipeline_executions_total', { status, pipeline_id, trigger_mode: 'signal' });
const duration = (le: string) =>
  of('celery-worker', 'pipeline_execution_duration_seconds_bucket', { le, status: 'success', pipeline_id: 'p1' });
const index = of('trigger-dispatcher', 'pipeline_cache_size');
const generator = of('signal-generator', 'up');
const market = (symbol: string) => of('signal-generator', 'market_open', { symbol });
const published = of('signal-generator', 'kafka_publish_success_total', { signal_type: 'rsi' });
const unpublished = of('signal-generator', 'kafka_publish_failure_total', {
  signal_type: 'rsi',
  error_type: 'timeout',
});
const lag = of('trigger-dispatcher', 'kafka_consumer_lag_seconds', { topic: 'trading-signals', partition: '0' });
const consumed = of('trigger-dispatcher', 'signals_consumed_total', { signal_type: 'rsi' });
const dispatcher = of('trigger-dispatcher', 'up');
const dispatched = of('trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds');
const worker = of('celery-worker', 'up');
const movedOn = of('celery-worker', 'pipeline_last_progress_timestamp_seconds');
const jobs = (state: string) => of('celery-worker', 'celery_queue_depth', { queue: 'executions', state });
const enqueued = of('trigger-dispatcher', 'pipelines_enqueued_total', { status: 'enqueued' });
const signalled = of('signal-generator', 'signals_last_generated_timestamp_seconds');
const lastBar = (symbol: string, service = 'signal-generator') =>
  of(service, 'market_data_last_bar_timestamp_seconds', { symbol });
const started = (service: string) => of(service, 'process_start_time_seconds');
/** The time of the last progress, where something moves on at each scrape; and where that ends after a minute. */
const ticking = '0+15x400';
const stuck = '0+15x4 60x400';
const bots = of('backend', 'trading_bots_active_total', { status: 'running' });
const late = (le: string) => of('backend', 'market_data_lag_seconds_bucket', { le, source: 'replay' });
const redis = of('backend', 'redis_connection_errors_total');
const drawdown = of('backend', 'portfolio_drawdown_ratio');
const cpu = of('celery-worker', 'process_cpu_seconds_total');
const cores = of('celery-worker', 'process_cpu_limit_cores');
const memory = of('celery-worker', 'process_resident_memory_bytes');
const memoryLimit = of('celery-worker', 'process_memory_limit_bytes');
const cost = of('celery-worker', 'llm_cost_usd_total', { model: 'm1', agent: 'bias' });
const overflow = (metric: string) => of('trigger-dispatcher', 'telemetry_label_overflow_total', { metric });
const budget = (pipeline_id: string) => of('celery-worker', 'pipeline_budget_remaining_usd', { pipeline_id });

const allUp = {
  [up]: '1x400',
  [of('celery-worker', 'up')]: '1x400',
  [generator]: '1x400',
  [of('trigger-dispatcher', 'up')]: '1x400',
};

/** At least one in which each alert fires, and one in which it does not. Data. */
export const alertCases: readonly AlertCase<AlertName>[] = [
  {
    alert: 'ServiceDown',
    what: 'a service that stops to answer',
    series: { ...allUp, [up]: '1x8 0x20' },
    silentAt: ['3m'],
    firesAt: ['3m15s'],
    labels: { severity: 'critical', service: 'backend', job: 'backend', instance: 'backend:8001' },
    says: 'backend:8001 does not answer its scrapes.',
  },
  {
    alert: 'ServiceDown',
    what: 'a service that vanishes from discovery',
    series: { ...allUp, [up]: '1x8 stale' },
    silentAt: ['3m'],
    firesAt: ['3m15s'],
    labels: { severity: 'critical', service: 'backend', job: 'backend' },
    says: 'Prometheus has no target of backend: it has vanished from discovery.',
    documented: 'up == 0',
  },
  {
    alert: 'ServiceDown',
    what: 'a restart of half a minute',
    series: { ...allUp, [up]: '1x8 0x1 1x40' },
    silentAt: ['3m', '5m'],
  },
  { alert: 'ServiceDown', what: 'all is well, and nothing to do', series: allUp, silentAt: ['1m', '30m'], idle: true },
  {
    alert: 'ServiceDown',
    what: 'it answers again',
    series: { ...allUp, [up]: '1x8 0x20 1x40' },
    firesAt: ['7m15s'],
    silentAt: ['7m30s'],
  },

  {
    alert: 'HighPipelineFailureRate',
    what: 'one execution in seven fails',
    series: { [executions('failed')]: '0+1x60', [executions('success')]: '0+6x60' },
    silentAt: ['5m'],
    firesAt: ['5m15s', '10m'],
    labels: { severity: 'warning', service: 'celery-worker' },
    says: '14.29% of the executions of the last 5m failed (limit 10%, from 5 executions on).',
  },
  {
    alert: 'HighPipelineFailureRate',
    what: 'pipelines whose first execution fails: counters that are born at 1',
    series: Object.fromEntries(
      Array.from({ length: 14 }, (_, minute) => [
        executions('failed', `p${minute}`),
        `${minute > 0 ? `_x${4 * minute} ` : ''}1x80`,
      ]),
    ),
    silentAt: ['8m45s'],
    firesAt: ['9m'],
    documented:
      'sum(rate(pipeline_executions_total{status="failed"}[5m])) / sum(rate(pipeline_executions_total[5m])) > 0.1',
  },
  {
    alert: 'HighPipelineFailureRate',
    what: 'one of two executions fails',
    series: { [executions('failed')]: '0x7 1x100', [executions('success')]: '0x7 1x100' },
    silentAt: ['2m', '4m', '6m45s', '7m', '10m'],
    documented:
      'sum(rate(pipeline_executions_total{status="failed"}[5m])) / sum(rate(pipeline_executions_total[5m])) > 0.1',
  },
  {
    alert: 'HighPipelineFailureRate',
    what: 'one execution in ten fails, which is the limit',
    series: { [executions('failed')]: '0+1x60', [executions('success')]: '0+9x60' },
    silentAt: ['5m15s', '14m'],
  },
  {
    alert: 'HighPipelineFailureRate',
    what: 'it gets well',
    series: { [executions('failed')]: '0+1x40 40x60', [executions('success')]: '0+6x100' },
    firesAt: ['10m'],
    silentAt: ['16m'],
  },
  {
    alert: 'HighPipelineFailureRate',
    what: 'nothing runs any more after failures',
    series: { [executions('failed')]: '50x200', [executions('success')]: '1x200' },
    silentAt: ['11m', '40m'],
    idle: true,
  },

  {
    alert: 'HighPipelineLatency',
    what: 'executions take 10 to 15 seconds',
    series: { [duration('10')]: '0x80', [duration('15')]: '0+1x80', [duration('+Inf')]: '0+1x80' },
    silentAt: ['5m'],
    firesAt: ['5m15s', '15m'],
    labels: { severity: 'warning', service: 'celery-worker' },
    says: 'One execution in twenty of the last 5m took longer than 14.75s (limit 10s).',
  },
  {
    alert: 'HighPipelineLatency',
    what: 'executions take less',
    series: { [duration('10')]: '0+1x80', [duration('15')]: '0+1x80', [duration('+Inf')]: '0+1x80' },
    silentAt: ['5m15s', '15m'],
  },
  {
    alert: 'HighPipelineLatency',
    what: 'nothing has run since slow ones',
    series: { [duration('10')]: '0x200', [duration('15')]: '9x200', [duration('+Inf')]: '9x200' },
    silentAt: ['12m', '40m'],
    idle: true,
  },
  {
    alert: 'HighPipelineLatency',
    what: 'they are fast again',
    series: { [duration('10')]: '0x40 0+1x80', [duration('15')]: '0+1x120', [duration('+Inf')]: '0+1x120' },
    firesAt: ['10m', '12m'],
    silentAt: ['16m'],
  },

  {
    alert: 'NoPipelineExecutions',
    what: 'pipelines are active and none finishes',
    series: { [index]: '3x200', [executions('success')]: '5x200' },
    silentAt: ['34m45s'],
    firesAt: ['35m'],
    labels: { severity: 'warning', service: 'celery-worker' },
    says: '3 pipelines are active and the market is open, but for 5m and more no execution has finished, well or badly.',
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'none has ever finished',
    series: { [index]: '3x200' },
    silentAt: ['29m45s'],
    firesAt: ['30m'],
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'failed ones are executions, too',
    series: { [index]: '3x200', [executions('failed')]: '0+1x200' },
    silentAt: ['35m', '49m'],
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'no pipeline is active',
    series: { [index]: '0x200' },
    silentAt: ['31m', '49m'],
    idle: true,
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'every market is closed',
    series: { [index]: '3x200', [market('GOOG')]: '0x200', [executions('success')]: '5x200' },
    silentAt: ['35m', '49m'],
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'one finishes',
    series: { [index]: '3x200', [executions('success')]: '5x150 6x50' },
    firesAt: ['37m'],
    silentAt: ['38m'],
  },

  {
    alert: 'ExecutionsStopped',
    what: 'jobs wait, and nothing moves on',
    series: { [worker]: '1x100', [jobs('waiting')]: '3x100', [movedOn]: stuck },
    silentAt: ['7m'],
    firesAt: ['7m15s', '20m'],
    labels: { severity: 'critical', service: 'celery-worker' },
    says: 'No execution has moved on for 6m 15s, and work waits (limit 300s).',
  },
  {
    alert: 'ExecutionsStopped',
    what: 'a job hangs',
    series: { [worker]: '1x100', [jobs('waiting')]: '0x100', [jobs('active')]: '1x100', [movedOn]: stuck },
    silentAt: ['7m'],
    firesAt: ['7m15s'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'a fresh worker that takes no job',
    series: { [worker]: '1x100', [jobs('delayed')]: '3x100', [started('celery-worker')]: '0x100' },
    silentAt: ['6m'],
    firesAt: ['6m15s'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'the worker has vanished, while jobs are enqueued',
    series: { [worker]: '1x8 stale', [jobs('waiting')]: '3x8 stale', [enqueued]: '0+1x100' },
    silentAt: ['3m'],
    firesAt: ['3m15s', '20m'],
    labels: { severity: 'critical', service: 'celery-worker' },
    says: 'No process of celery-worker answers.',
  },
  {
    alert: 'ExecutionsStopped',
    what: 'many jobs wait, and executions move on',
    series: { [worker]: '1x100', [jobs('waiting')]: '90x100', [movedOn]: ticking },
    silentAt: ['7m15s', '20m'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'no work waits: failed jobs are none',
    series: {
      [worker]: '1x100',
      [jobs('waiting')]: '0x100',
      [jobs('failed')]: '7x100',
      [enqueued]: '0x100',
      [movedOn]: stuck,
    },
    silentAt: ['7m15s', '20m'],
    idle: true,
  },
  {
    alert: 'ExecutionsStopped',
    what: 'executions move on again',
    series: { [worker]: '1x100', [jobs('waiting')]: '3x100', [movedOn]: '0+15x4 60x30 540+15x100' },
    firesAt: ['8m45s'],
    silentAt: ['9m', '20m'],
  },

  {
    alert: 'SignalGenerationStopped',
    what: 'the generator runs, a market is open, nothing is generated',
    series: { [generator]: '1x100', [market('GOOG')]: '0x100', [market('BTCUSD')]: '1x100', [signalled]: stuck },
    silentAt: ['11m'],
    firesAt: ['11m15s', '20m'],
    labels: { severity: 'critical', service: 'signal-generator' },
    says: 'A market is open, and the last signal came 10m 15s ago (limit 300s).',
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'a fresh process that has never made a signal',
    series: { [generator]: '1x100', [market('GOOG')]: '1x100', [started('signal-generator')]: '0x100' },
    silentAt: ['10m'],
    firesAt: ['10m15s'],
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'a process that restarts again and again is no younger than its last signal',
    series: {
      [generator]: '1x100',
      [market('GOOG')]: '1x100',
      [signalled]: '0+15x4 60x3 stale',
      [started('signal-generator')]: '0x7 105+15x100',
    },
    silentAt: ['11m'],
    firesAt: ['11m15s', '22m'],
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'every market is closed',
    series: { [generator]: '1x100', [market('GOOG')]: '0x100', [market('EURUSD')]: '0x100', [signalled]: stuck },
    silentAt: ['5m', '12m', '24m'],
    idle: true,
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'a market has only just opened',
    series: { [generator]: '1x200', [market('GOOG')]: '0x40 1x100', [signalled]: stuck },
    silentAt: ['10m15s', '16m', '19m45s'],
    firesAt: ['21m'],
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'the generator has vanished, and with it every series',
    series: { [up]: '1x100' },
    silentAt: ['4m45s'],
    firesAt: ['5m'],
    labels: { severity: 'critical', service: 'signal-generator' },
    says: 'No process of signal-generator answers.',
    documented: 'sum(rate(signals_generated_total[5m])) == 0',
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'they flow again',
    series: { [generator]: '1x100', [market('GOOG')]: '1x100', [signalled]: '0+15x4 60x42 720+15x100' },
    firesAt: ['11m30s'],
    silentAt: ['12m', '24m'],
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'signals flow',
    series: { [generator]: '1x100', [market('GOOG')]: '1x100', [signalled]: ticking },
    silentAt: ['5m', '24m'],
  },

  {
    alert: 'MarketDataStopped',
    what: 'one of two symbols has no more bars',
    series: {
      ...allUp,
      [market('GOOG')]: '1x100',
      [market('BTCUSD')]: '1x100',
      [lastBar('GOOG')]: stuck,
      [lastBar('BTCUSD')]: ticking,
    },
    silentAt: ['8m'],
    firesAt: ['8m15s', '20m'],
    labels: { severity: 'warning', service: 'signal-generator', symbol: 'GOOG' },
    says: 'The market of GOOG is open, and its last bar came 7m 15s ago (limit 300s).',
  },
  {
    alert: 'MarketDataStopped',
    what: 'the generator publishes, and the backend stores nothing',
    series: {
      ...allUp,
      [market('GOOG')]: '1x100',
      [lastBar('GOOG')]: ticking,
      [lastBar('GOOG', 'backend')]: stuck,
    },
    silentAt: ['8m'],
    firesAt: ['8m15s'],
    labels: { severity: 'warning', service: 'backend', symbol: 'GOOG' },
    says: 'The market of GOOG is open, and its last bar came 7m 15s ago (limit 300s).',
  },
  {
    alert: 'MarketDataStopped',
    what: 'a symbol has never had a bar since the process began',
    series: { ...allUp, [market('GOOG')]: '1x100', [started('signal-generator')]: '0x100' },
    silentAt: ['7m'],
    firesAt: ['7m15s'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'a market is closed, another one has bars',
    series: {
      ...allUp,
      [market('GOOG')]: '0x100',
      [market('BTCUSD')]: '1x100',
      [lastBar('GOOG')]: stuck,
      [lastBar('BTCUSD')]: ticking,
    },
    silentAt: ['8m15s', '20m'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'a market has only just opened, and then has no bar',
    series: { ...allUp, [market('GOOG')]: '0x40 1x100', [lastBar('GOOG')]: stuck },
    silentAt: ['15m', '17m'],
    firesAt: ['17m30s'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'bars come again',
    series: { ...allUp, [market('GOOG')]: '1x100', [lastBar('GOOG')]: '0+15x4 60x32 570+15x100' },
    firesAt: ['9m'],
    silentAt: ['9m30s', '20m'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'the generator has vanished',
    series: { ...allUp, [generator]: '1x8 stale', [market('GOOG')]: '1x8 stale' },
    silentAt: ['4m'],
    firesAt: ['4m15s', '20m'],
    labels: { severity: 'warning', service: 'signal-generator' },
    says: 'No process of signal-generator answers.',
  },
  {
    alert: 'MarketDataStopped',
    what: 'every market is closed, and the backend is away for maintenance',
    series: { ...allUp, [up]: '0x100', [market('GOOG')]: '0x100' },
    silentAt: ['5m', '20m'],
    idle: true,
  },

  {
    alert: 'KafkaPublishFailures',
    what: 'one attempt in eleven fails',
    series: { [unpublished]: '0+1x60', [published]: '0+10x60' },
    silentAt: ['5m'],
    firesAt: ['5m15s', '14m'],
    labels: { severity: 'warning', service: 'signal-generator' },
    says: '9.091% of the attempts of the last 5m to publish a signal failed (limit 5%). They are tried again, in order.',
  },
  {
    alert: 'KafkaPublishFailures',
    what: 'all fail, and none has ever succeeded',
    series: { [unpublished]: '0+1x60' },
    silentAt: ['5m'],
    firesAt: ['5m15s'],
  },
  {
    alert: 'KafkaPublishFailures',
    what: 'one in a hundred fails',
    series: { [unpublished]: '0+1x60', [published]: '0+99x60' },
    silentAt: ['5m15s', '14m'],
  },
  {
    alert: 'KafkaPublishFailures',
    what: 'nothing is published',
    series: { [unpublished]: '9x100', [published]: '1x100' },
    silentAt: ['10m', '24m'],
    idle: true,
  },
  {
    alert: 'KafkaPublishFailures',
    what: 'they succeed again',
    series: { [unpublished]: '0+1x40 40x60', [published]: '0+10x100' },
    firesAt: ['10m', '12m'],
    silentAt: ['16m'],
  },

  {
    alert: 'HighKafkaConsumerLag',
    what: 'the oldest signal is 90 seconds old',
    series: { [lag]: '90x40' },
    silentAt: ['1m45s'],
    firesAt: ['2m', '9m'],
    labels: { severity: 'warning', service: 'trigger-dispatcher', topic: 'trading-signals' },
    says: 'The oldest unconsumed message of trading-signals is 1m 30s old (limit 1s).',
  },
  {
    alert: 'HighKafkaConsumerLag',
    what: 'the dispatcher is dead and exports nothing, while signals are published',
    series: { [lag]: '0x8 stale', [consumed]: '0+1x8 stale', [published]: '0+1x100' },
    silentAt: ['2m', '6m'],
    firesAt: ['10m', '20m'],
    labels: { severity: 'warning', service: 'trigger-dispatcher' },
    says: '20 signals were published in the last 5m and none was consumed.',
    documented: 'kafka_consumer_lag_seconds > 1.0',
  },
  {
    alert: 'HighKafkaConsumerLag',
    what: 'it is caught up',
    series: { [lag]: '0x80', [consumed]: '0+1x80', [published]: '0+1x80' },
    silentAt: ['2m', '19m'],
  },
  {
    alert: 'HighKafkaConsumerLag',
    what: 'nothing is published and nothing consumed',
    series: { [lag]: '0x80', [consumed]: '4x80', [published]: '4x80' },
    silentAt: ['8m', '19m'],
    idle: true,
  },
  {
    alert: 'HighKafkaConsumerLag',
    what: 'it catches up',
    series: { [lag]: '90x40 0x40' },
    firesAt: ['10m'],
    silentAt: ['10m30s'],
  },

  {
    alert: 'DispatchStopped',
    what: 'signals are published, and none is dispatched',
    series: { [dispatcher]: '1x100', [dispatched]: stuck, [published]: '0+1x100' },
    silentAt: ['4m'],
    firesAt: ['4m15s', '20m'],
    labels: { severity: 'critical', service: 'trigger-dispatcher' },
    says: 'Signals are published, and the last was dispatched 3m 15s ago (limit 120s).',
  },
  {
    alert: 'DispatchStopped',
    what: 'a fresh process that has dispatched nothing yet',
    series: { [dispatcher]: '1x100', [started('trigger-dispatcher')]: '0x100', [published]: '0+1x100' },
    silentAt: ['3m'],
    firesAt: ['3m15s'],
  },
  {
    alert: 'DispatchStopped',
    what: 'the dispatcher has vanished, while signals are published',
    series: { [dispatcher]: '1x8 stale', [dispatched]: '0+15x8 stale', [published]: '0+1x100' },
    silentAt: ['3m'],
    firesAt: ['3m15s', '20m'],
    labels: { severity: 'critical', service: 'trigger-dispatcher' },
    says: 'No process of trigger-dispatcher answers.',
  },
  {
    alert: 'DispatchStopped',
    what: 'signals are dispatched as they come',
    series: { [dispatcher]: '1x100', [dispatched]: ticking, [published]: '0+1x100' },
    silentAt: ['4m15s', '20m'],
  },
  {
    alert: 'DispatchStopped',
    what: 'signals pause, and all before the pause were dispatched',
    series: {
      [dispatcher]: '1x100',
      [dispatched]: '0+15x16 240x100',
      [published]: '0+1x16 16x100',
      [signalled]: '0+15x16 240x100',
    },
    silentAt: ['4m', '6m15s', '7m15s', '8m15s', '9m15s', '12m'],
  },
  {
    alert: 'DispatchStopped',
    what: 'signals pause, and the last was dispatched by another dispatcher',
    series: {
      [dispatcher]: '1x100',
      [dispatched]: stuck,
      [of('trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds', { pod: 'b' })]: '0+15x16 240x100',
      [published]: '0+1x16 16x100',
      [signalled]: '0+15x16 240x100',
    },
    silentAt: ['7m15s', '8m15s', '12m'],
  },
  {
    alert: 'DispatchStopped',
    what: 'one generator pauses, what the other one publishes is not dispatched',
    series: {
      [dispatcher]: '1x100',
      [dispatched]: stuck,
      [published]: '0+1x100',
      [signalled]: stuck,
      [of('signal-generator', 'signals_last_generated_timestamp_seconds', { pod: 'b' })]: ticking,
    },
    silentAt: ['4m'],
    firesAt: ['4m15s', '20m'],
  },
  {
    alert: 'DispatchStopped',
    what: 'nothing is published, so nothing is dispatched',
    series: { [dispatcher]: '1x100', [dispatched]: stuck, [published]: '0x100' },
    silentAt: ['4m15s', '20m'],
    idle: true,
  },
  {
    alert: 'DispatchStopped',
    what: 'signals are dispatched again',
    series: { [dispatcher]: '1x100', [dispatched]: '0+15x4 60x20 390+15x100', [published]: '0+1x100' },
    firesAt: ['6m15s'],
    silentAt: ['6m30s', '20m'],
  },

  {
    alert: 'NoActiveBotsRunning',
    what: 'none runs',
    series: { [bots]: '0x40' },
    silentAt: ['4m45s'],
    firesAt: ['5m'],
    labels: { severity: 'warning', service: 'backend' },
    says: 'Bots with the status running: 0.',
  },
  {
    alert: 'NoActiveBotsRunning',
    what: 'the series does not exist',
    series: { [up]: '1x40' },
    silentAt: ['4m45s'],
    firesAt: ['5m'],
    documented: 'sum(trading_bots_active_total{status="running"}) == 0',
  },
  {
    alert: 'NoActiveBotsRunning',
    what: 'one runs, and trades nothing',
    series: { [bots]: '1x40' },
    silentAt: ['5m', '9m'],
    idle: true,
  },
  {
    alert: 'NoActiveBotsRunning',
    what: 'one begins to run',
    series: { [bots]: '0x40 1x20' },
    firesAt: ['10m'],
    silentAt: ['10m30s'],
  },

  {
    alert: 'HighMarketDataLag',
    what: 'bars are 10 to 30 seconds late',
    series: { [late('5')]: '0x80', [late('10')]: '0x80', [late('30')]: '0+1x80', [late('+Inf')]: '0+1x80' },
    silentAt: ['2m'],
    firesAt: ['2m15s', '15m'],
    labels: { severity: 'warning', service: 'backend' },
    says: 'One bar in twenty of the last 5m was more than 29s late (limit 5s).',
  },
  {
    alert: 'HighMarketDataLag',
    what: 'it recovers',
    series: { [late('5')]: '0x40 0+1x60', [late('30')]: '0+1x100', [late('+Inf')]: '0+1x100' },
    firesAt: ['10m', '12m'],
    silentAt: ['16m', '24m'],
  },
  {
    alert: 'HighMarketDataLag',
    what: 'it has recovered, which the documented form never sees',
    series: { [late('5')]: '0x40 0+1x60', [late('30')]: '0+1x100', [late('+Inf')]: '0+1x100' },
    silentAt: ['16m'],
    documented: 'histogram_quantile(0.95, market_data_lag_seconds_bucket) > 5',
  },
  {
    alert: 'HighMarketDataLag',
    what: 'no bars come',
    series: { [late('5')]: '0x80', [late('30')]: '7x80', [late('+Inf')]: '7x80' },
    silentAt: ['2m15s', '15m'],
    idle: true,
  },

  {
    alert: 'HighRedisErrorRate',
    what: 'one error in five seconds',
    series: { [redis]: '0+3x40' },
    silentAt: ['3m15s'],
    firesAt: ['9m', '4m'],
    labels: { severity: 'warning', service: 'backend' },
    says: '0.20 connections to Redis a second failed or broke over the last 5m (limit 0.1 errors a second).',
  },
  {
    alert: 'HighRedisErrorRate',
    what: 'one error in fifteen seconds',
    series: { [redis]: '0+1x40' },
    silentAt: ['2m', '9m'],
  },
  {
    alert: 'HighRedisErrorRate',
    what: 'no new errors',
    series: { [redis]: '900x40' },
    silentAt: ['1m15s', '9m'],
    idle: true,
  },
  {
    alert: 'HighRedisErrorRate',
    what: 'one error in five seconds begins',
    series: { [redis]: '0+3x40' },
    silentAt: ['3m30s'],
    firesAt: ['3m45s'],
  },
  {
    alert: 'HighRedisErrorRate',
    what: 'it is stable again',
    series: { [redis]: '0+3x40 120x40' },
    firesAt: ['9m'],
    silentAt: ['16m'],
  },

  {
    alert: 'HighPortfolioDrawdown',
    what: 'the portfolio is a fifth below its peak, and most of it is invested',
    series: {
      [drawdown]: '0.2x40',
      [of('backend', 'portfolio_total_value_usd')]: '80000x40',
      [of('backend', 'portfolio_cash_balance_usd')]: '10000x40',
    },
    silentAt: ['4m45s'],
    firesAt: ['5m'],
    labels: { severity: 'critical', service: 'backend' },
    says: 'The portfolio is worth 20% less than at its peak (limit 15%).',
    documented: '(portfolio_total_value_usd - portfolio_cash_balance_usd) / portfolio_cash_balance_usd < -0.15',
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'it is at its limit',
    series: { [drawdown]: '0.15x40' },
    silentAt: ['5m', '9m'],
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'it comes back',
    series: { [drawdown]: '0.2x24 0.1x40' },
    firesAt: ['6m'],
    silentAt: ['7m'],
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'nothing was ever traded',
    series: { [up]: '1x40' },
    silentAt: ['5m', '9m'],
    idle: true,
  },

  {
    alert: 'HighCPUUsage',
    what: '0.9 of one core',
    series: { [cpu]: '0+13.5x80', [cores]: '1x80' },
    silentAt: ['14m15s'],
    firesAt: ['14m30s', '15m'],
    labels: { severity: 'warning', service: 'celery-worker', instance: 'celery-worker:8001' },
    says: 'celery-worker:8001 uses 90% of the CPU it may use (limit 80%).',
  },
  {
    alert: 'HighCPUUsage',
    what: '0.9 of two cores',
    series: { [cpu]: '0+13.5x80', [cores]: '2x80' },
    silentAt: ['10m15s', '19m'],
  },
  {
    alert: 'HighCPUUsage',
    what: 'an idle service',
    series: { [cpu]: '500x80', [cores]: '1x80' },
    silentAt: ['10m15s', '19m'],
    idle: true,
  },
  {
    alert: 'HighCPUUsage',
    what: 'the work is done',
    series: { [cpu]: '0+13.5x80 1080x40', [cores]: '1x120' },
    firesAt: ['20m'],
    silentAt: ['26m'],
  },

  {
    alert: 'HighMemoryUsage',
    what: '90 % of the limit',
    series: { [memory]: '90x80', [memoryLimit]: '100x80' },
    silentAt: ['9m45s'],
    firesAt: ['10m'],
    labels: { severity: 'warning', service: 'celery-worker', instance: 'celery-worker:8001' },
    says: 'celery-worker:8001 uses 90% of the memory it may use (limit 85%). At all of it, it is killed.',
  },
  {
    alert: 'HighMemoryUsage',
    what: '85 % of the limit',
    series: { [memory]: '85x80', [memoryLimit]: '100x80' },
    silentAt: ['10m', '19m'],
  },
  {
    alert: 'HighMemoryUsage',
    what: 'it is given back',
    series: { [memory]: '90x60 50x20', [memoryLimit]: '100x80' },
    firesAt: ['15m'],
    silentAt: ['15m30s'],
  },
  {
    alert: 'HighMemoryUsage',
    what: 'an idle service',
    series: { [memory]: '10x60', [memoryLimit]: '100x60' },
    silentAt: ['10m', '14m'],
    idle: true,
  },

  {
    alert: 'LabelBudgetExceeded',
    what: 'a metric has no more room',
    series: { [overflow('signals_consumed_total')]: '_x8 5x60' },
    silentAt: ['1m45s'],
    firesAt: ['2m', '14m'],
  },
  {
    alert: 'LabelBudgetExceeded',
    what: 'it has overflowed before, and does again',
    series: { [overflow('signals_consumed_total')]: '7x80 7+3x40' },
    silentAt: ['18m'],
    firesAt: ['21m'],
    labels: { severity: 'warning', service: 'trigger-dispatcher', metric: 'signals_consumed_total' },
    says: '9 observations of signals_consumed_total in the last 15m have lost their labels: it has as many label sets as it may.',
  },
  {
    alert: 'LabelBudgetExceeded',
    what: 'nothing came for a quarter of an hour',
    series: { [overflow('signals_consumed_total')]: '_x8 5x160' },
    firesAt: ['2m'],
    silentAt: ['18m', '30m'],
  },
  {
    alert: 'LabelBudgetExceeded',
    what: 'no metric has overflowed',
    series: { [dispatcher]: '1x40' },
    silentAt: ['5m', '9m'],
    idle: true,
  },

  {
    alert: 'HighLLMCostRate',
    what: 'two dollars a minute',
    series: { [cost]: '0+0.5x100' },
    silentAt: ['7m30s'],
    firesAt: ['7m45s', '20m'],
    labels: { severity: 'warning', service: 'celery-worker' },
    says: 'Calls of language models cost 15.50 USD in the last hour (limit 5 USD an hour).',
  },
  {
    alert: 'HighLLMCostRate',
    what: 'four dollars an hour',
    series: { [cost]: '0+0.016x400' },
    silentAt: ['50m', '95m'],
  },
  {
    alert: 'HighLLMCostRate',
    what: 'no calls for an hour after costly ones',
    series: { [cost]: '80x400' },
    silentAt: ['61m', '95m'],
    idle: true,
  },
  {
    alert: 'HighLLMCostRate',
    what: 'they are no more',
    series: { [cost]: '0+0.5x100 50x400' },
    firesAt: ['20m', '50m'],
    silentAt: ['90m'],
  },

  {
    alert: 'PipelineBudgetExhausted',
    what: 'one of two pipelines has spent its budget',
    series: { [budget('p1')]: '1x3 0x20', [budget('p2')]: '1x40' },
    silentAt: ['45s'],
    firesAt: ['1m'],
    labels: { severity: 'warning', service: 'celery-worker', pipeline_id: 'p1' },
    says: 'It starts again with the next UTC day, or with a larger budget. Left: 0.00 USD.',
  },
  {
    alert: 'PipelineBudgetExhausted',
    what: 'no pipeline has a budget',
    series: { [up]: '1x40' },
    silentAt: ['1m', '9m'],
    idle: true,
  },
  {
    alert: 'PipelineBudgetExhausted',
    what: 'its budget is raised',
    series: { [budget('p1')]: '1x3 0x20 1x20' },
    firesAt: ['6m'],
    silentAt: ['6m15s'],
  },

  // Several replicas, markets and partitions; and values near each limit.
  {
    alert: 'DispatchStopped',
    what: 'one of two dispatchers stands still, the other one works',
    series: {
      [dispatcher]: '1x100',
      [dispatched]: stuck,
      [of('trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds', { pod: 'b' })]: ticking,
      [published]: '0+1x100',
    },
    silentAt: ['4m15s', '20m'],
  },
  {
    alert: 'DispatchStopped',
    what: 'a dispatcher that restarts again and again',
    series: {
      [dispatcher]: '1x100',
      [dispatched]: '0+15x4 60x3 stale',
      [started('trigger-dispatcher')]: '0x7 105+15x100',
      [published]: '0+1x100',
    },
    firesAt: ['20m'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'one of two workers stands still, the other one works',
    series: {
      [worker]: '1x100',
      [jobs('waiting')]: '3x100',
      [movedOn]: stuck,
      [of('celery-worker', 'pipeline_last_progress_timestamp_seconds', { pod: 'b' })]: ticking,
    },
    silentAt: ['7m15s', '20m'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'a worker that restarts again and again',
    series: {
      [worker]: '1x100',
      [jobs('waiting')]: '3x100',
      [movedOn]: '0+15x4 60x3 stale',
      [started('celery-worker')]: '0x7 105+15x100',
    },
    firesAt: ['20m'],
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'one of two generators stands still, the other one works',
    series: {
      [generator]: '1x100',
      [market('GOOG')]: '1x100',
      [signalled]: stuck,
      [of('signal-generator', 'signals_last_generated_timestamp_seconds', { pod: 'b' })]: ticking,
    },
    silentAt: ['11m15s', '20m'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'one of two backends stores the bars',
    series: {
      ...allUp,
      [market('GOOG')]: '1x100',
      [lastBar('GOOG', 'backend')]: stuck,
      [of('backend', 'market_data_last_bar_timestamp_seconds', { pod: 'b', symbol: 'GOOG' })]: ticking,
      [lastBar('GOOG')]: ticking,
      [of('signal-generator', 'market_data_last_bar_timestamp_seconds', { pod: 'b', symbol: 'GOOG' })]: stuck,
    },
    silentAt: ['8m15s', '20m'],
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'one of two markets is open, one of two dispatchers has its index',
    series: {
      [index]: '3x200',
      [of('trigger-dispatcher', 'pipeline_cache_size', { pod: 'b' })]: '0x200',
      [market('GOOG')]: '0x200',
      [market('BTCUSD')]: '1x200',
      [executions('success')]: '5x200',
    },
    firesAt: ['35m'],
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'executions run and none finishes, whatever the index says',
    series: {
      [of('celery-worker', 'pipeline_executions_active', { pipeline_id: 'p1', trigger_mode: 'manual' })]: '2x200',
    },
    firesAt: ['30m'],
    silentAt: ['29m45s'],
  },
  {
    alert: 'HighPortfolioDrawdown',
    what: 'one of two backends has only just begun to value it',
    series: { [drawdown]: '0.2x40', [of('backend', 'portfolio_drawdown_ratio', { pod: 'b' })]: '0x40' },
    firesAt: ['5m'],
  },
  {
    alert: 'PipelineBudgetExhausted',
    what: 'one of two workers knows it already',
    series: {
      [budget('p1')]: '1x20',
      [of('celery-worker', 'pipeline_budget_remaining_usd', { pod: 'b', pipeline_id: 'p1' })]: '0x20',
    },
    firesAt: ['1m'],
  },
  {
    alert: 'HighKafkaConsumerLag',
    what: 'one of two partitions lags, by a little more than the limit',
    series: {
      [lag]: '1.2x40',
      [of('trigger-dispatcher', 'kafka_consumer_lag_seconds', { topic: 'trading-signals', partition: '1' })]: '0x40',
    },
    firesAt: ['2m'],
  },
  {
    alert: 'HighKafkaConsumerLag',
    what: 'it lags by a little less than the limit',
    series: { [lag]: '0.9x40' },
    silentAt: ['2m', '9m'],
  },
  {
    alert: 'KafkaPublishFailures',
    what: 'one in seventeen fails',
    series: { [unpublished]: '0+1x60', [published]: '0+16x60' },
    firesAt: ['10m'],
  },
  {
    alert: 'KafkaPublishFailures',
    what: 'one in twenty-four fails',
    series: { [unpublished]: '0+1x60', [published]: '0+23x60' },
    silentAt: ['10m', '14m'],
  },
  {
    alert: 'HighPipelineFailureRate',
    what: 'one execution in eight fails',
    series: { [executions('failed')]: '0+1x60', [executions('success')]: '0+7x60' },
    firesAt: ['10m'],
  },
  {
    alert: 'HighPipelineLatency',
    what: 'one execution in ten takes 10 to 15 seconds',
    series: { [duration('10')]: '0+9x80', [duration('15')]: '0+10x80', [duration('+Inf')]: '0+10x80' },
    firesAt: ['15m'],
  },
  {
    alert: 'HighMarketDataLag',
    what: 'one bar in seventeen is 5 to 10 seconds late',
    series: { [late('5')]: '0+94x80', [late('10')]: '0+100x80', [late('+Inf')]: '0+100x80' },
    firesAt: ['15m'],
  },
  {
    alert: 'HighKafkaConsumerLag',
    what: 'the dispatcher answers, and consumes nothing of what is published',
    series: { [lag]: '0x80', [consumed]: '4x80', [published]: '0+1x80' },
    firesAt: ['10m'],
  },
  {
    alert: 'NoPipelineExecutions',
    what: 'no pipeline is active and no execution runs',
    series: {
      [index]: '0x200',
      [of('celery-worker', 'pipeline_executions_active', { pipeline_id: 'p1', trigger_mode: 'manual' })]: '0x200',
    },
    silentAt: ['31m', '49m'],
  },

  // What is remembered, and for how long: of processes that are gone, of work that was given, of markets.
  {
    alert: 'ExecutionsStopped',
    what: 'one of two workers has not seen the queue yet',
    series: {
      [worker]: '1x100',
      [jobs('waiting')]: '3x100',
      [of('celery-worker', 'celery_queue_depth', { queue: 'executions', state: 'waiting', pod: 'b' })]: '0x100',
      [movedOn]: stuck,
    },
    firesAt: ['7m15s'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'one of two fresh workers has had its time, the other one not yet',
    series: {
      [worker]: '1x100',
      [jobs('waiting')]: '3x100',
      [started('celery-worker')]: '0x100',
      [of('celery-worker', 'process_start_time_seconds', { pod: 'b' })]: '600x100',
    },
    silentAt: ['14m'],
    firesAt: ['17m'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'the worker has vanished, and nothing was enqueued for five minutes',
    series: { [worker]: '1x8 stale', [enqueued]: '0+1x12 12x100' },
    firesAt: ['5m'],
    silentAt: ['9m'],
  },
  {
    alert: 'ExecutionsStopped',
    what: 'a fresh worker after an hour of which nobody knows anything',
    series: {
      [worker]: '1x300',
      [jobs('waiting')]: '3x300',
      [movedOn]: '0+15x4 60x3 stale',
      [started('celery-worker')]: '_x260 3900x40',
    },
    silentAt: ['69m'],
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'one of two fresh generators has had its time, the other one not yet',
    series: {
      [generator]: '1x100',
      [market('GOOG')]: '1x100',
      [started('signal-generator')]: '0x100',
      [of('signal-generator', 'process_start_time_seconds', { pod: 'b' })]: '600x100',
    },
    silentAt: ['14m'],
    firesAt: ['21m'],
  },
  {
    alert: 'SignalGenerationStopped',
    what: 'a fresh generator after an hour of which nobody knows anything',
    series: {
      [generator]: '1x300',
      [market('GOOG')]: '1x300',
      [signalled]: '0+15x4 60x3 stale',
      [started('signal-generator')]: '_x252 3900x48',
    },
    silentAt: ['69m30s'],
  },
  {
    alert: 'DispatchStopped',
    what: 'one of two fresh dispatchers has had its time, the other one not yet',
    series: {
      [dispatcher]: '1x100',
      [published]: '0+1x100',
      [started('trigger-dispatcher')]: '0x100',
      [of('trigger-dispatcher', 'process_start_time_seconds', { pod: 'b' })]: '600x100',
    },
    silentAt: ['11m45s'],
    firesAt: ['14m'],
  },
  {
    alert: 'DispatchStopped',
    what: 'nothing was published for five minutes',
    series: {
      [dispatcher]: '1x100',
      [dispatched]: stuck,
      [published]: '0+1x12 12x100',
      [signalled]: '0+15x12 180x100',
    },
    firesAt: ['5m'],
    silentAt: ['9m30s'],
  },
  {
    alert: 'DispatchStopped',
    what: 'a fresh dispatcher after an hour of which nobody knows anything',
    series: {
      [dispatcher]: '1x300',
      [published]: '0+1x300',
      [dispatched]: '0+15x4 60x3 stale',
      [started('trigger-dispatcher')]: '_x260 3900x40',
    },
    silentAt: ['66m45s'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'a generator that restarts again and again is no younger than its last bar',
    series: {
      ...allUp,
      [market('GOOG')]: '1x100',
      [lastBar('GOOG')]: '0+15x4 60x3 stale',
      [started('signal-generator')]: '0x7 105+15x100',
    },
    firesAt: ['20m'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'a fresh generator after an hour of which nobody knows anything',
    series: {
      ...allUp,
      [market('GOOG')]: '1x300',
      [lastBar('GOOG')]: '0+15x4 60x3 stale',
      [started('signal-generator')]: '_x260 3900x40',
    },
    silentAt: ['69m'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'one of two fresh generators has had its time, the other one not yet',
    series: {
      ...allUp,
      [market('GOOG')]: '1x100',
      [started('signal-generator')]: '0x100',
      [of('signal-generator', 'process_start_time_seconds', { pod: 'b' })]: '600x100',
    },
    silentAt: ['14m'],
    firesAt: ['18m'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'one of two generators does not know that the market is open',
    series: {
      ...allUp,
      [market('GOOG')]: '1x100',
      [of('signal-generator', 'market_open', { pod: 'b', symbol: 'GOOG' })]: '0x100',
      [lastBar('GOOG')]: stuck,
    },
    firesAt: ['8m15s'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'the generator has vanished, and one of two markets was open',
    series: { ...allUp, [generator]: '1x8 stale', [market('GOOG')]: '1x8 stale', [market('EURUSD')]: '0x8 stale' },
    firesAt: ['4m15s'],
  },
  {
    alert: 'MarketDataStopped',
    what: 'the generator has vanished, and every market was closed',
    series: { ...allUp, [generator]: '1x8 stale', [market('GOOG')]: '0x8 stale' },
    silentAt: ['4m15s', '6m45s'],
  },
];
