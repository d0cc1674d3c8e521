/**
 * What each of the platform's alerts asks Prometheus and says to people. Pure. In: the namespace and services a resource
 * watches, and the limits it chose. Out: PromQL and text. An alert that cannot be judged from the listed services
 * answers no expression: it is better absent than wrong.
 */

import { formatDuration, parseDurationSeconds } from '#base/duration.ts';
import type { AlertName } from '#catalogue/alerts.ts';
import type { MetricName } from '#catalogue/metrics.ts';
import type { ServiceName } from '#catalogue/services.ts';
import { growth, type Matchers, orZero, quantile, rate, type SeriesName, series, sum } from '../promql/promql.ts';

export interface AlertScope {
  readonly namespace: string;
  /** All services the resource watches, well known or not. */
  readonly services: readonly string[];
  readonly threshold: number;
  readonly minVolume: number;
  /** Window of rates: at least four scrapes. */
  readonly window: string;
  /** Reads this pipeline's series alone, from whatever namespace the platform runs in: the id is unique in the cluster. */
  readonly pipelineId?: string;
}

export interface AlertRecipe {
  readonly area: AlertArea;
  /** Its series carry the label `service` themselves. */
  readonly byService?: true;
  /** Its series carry the label `pipeline_id`: one alert a pipeline. */
  readonly byPipeline?: true;
  /** A resource that declares a pipeline gets a rule for it alone, whatever services it lists. */
  readonly ofPipeline?: true;
  /** One rule a service: `services` of the scope is then that one. */
  readonly perService?: true;
  readonly expr: (scope: AlertScope) => string | undefined;
  readonly summary: string;
  /** May use templates of Prometheus; `limit` is the threshold in words. */
  readonly description: (scope: AlertScope, limit: string) => string;
}

export const alertAreas = ['services', 'executions', 'signals', 'dispatch', 'trading', 'resources', 'models'] as const;
export type AlertArea = (typeof alertAreas)[number];

/** A series of some of the platform's services, of those the resource lists; nothing when it lists none of them. */
function seriesOf(
  scope: AlertScope,
  names: readonly ServiceName[],
  metric: SeriesName,
  matchers: Matchers = {},
): string | undefined {
  const jobs = names.filter((name) => scope.services.includes(name));
  return jobs.length === 0 ? undefined : series(metric, { job: jobs, ...placeOf(scope), ...matchers });
}

/** Of a metric that has the label `pipeline_id`. */
function seriesOfPipelines(
  scope: AlertScope,
  names: readonly ServiceName[],
  metric: SeriesName,
  matchers: Matchers = {},
): string | undefined {
  const { pipelineId } = scope;
  return seriesOf(scope, names, metric, { ...(pipelineId && { pipeline_id: pipelineId }), ...matchers });
}

function placeOf({ namespace, pipelineId }: AlertScope): Matchers {
  return pipelineId === undefined ? { namespace } : {};
}

function seriesOfAll(scope: AlertScope, metric: SeriesName): string {
  return series(metric, { job: scope.services, namespace: scope.namespace });
}

/** Builds an expression from a series, when there is one. */
function from(selector: string | undefined, build: (selector: string) => string): string | undefined {
  return selector === undefined ? undefined : build(selector);
}

const executors = ['celery-worker', 'backend'] as const satisfies readonly ServiceName[];
/** The busiest instance of a service: `pod` is empty where there are none. */
const instanceLabels = ['service', 'namespace', 'pod', 'instance'];
/** What one may spend in an hour is measured over an hour: a burst counts at once, and only once. */
const COST_WINDOW = '1h';
/** Long enough that a burst is still there when somebody looks. */
const OVERFLOW_WINDOW = '15m';

export const alertRecipes: Readonly<Record<AlertName, AlertRecipe>> = {
  ServiceDown: {
    area: 'services',
    perService: true,
    expr: (scope) => {
      const up = seriesOfAll(scope, 'up');
      return `${up} == 0\nor\nabsent(${up})`;
    },
    // $labels are those of the expression: absent() gives what its matchers say, so the job but not the service.
    summary: '{{ $labels.job }} is down',
    description: () =>
      '{{ if $labels.instance }}{{ $labels.instance }} does not answer its scrapes.' +
      '{{ else }}Prometheus has no target of {{ $labels.job }}: it has vanished from discovery.{{ end }}',
  },

  HighPipelineFailureRate: {
    area: 'executions',
    ofPipeline: true,
    expr: (scope) =>
      from(seriesOfPipelines(scope, executors, 'pipeline_executions_total'), (all) => {
        const failed = seriesOfPipelines(scope, executors, 'pipeline_executions_total', { status: 'failed' }) ?? all;
        const finished = sum(growth(all, scope.window));
        return `${sum(growth(failed, scope.window))} / ${finished} > ${scope.threshold}\nand\n${finished} >= ${scope.minVolume}`;
      }),
    summary: 'Pipeline executions fail',
    description: (scope, limit) =>
      `{{ $value | humanizePercentage }} of the executions of the last ${scope.window} failed (limit ${limit}, from ${scope.minVolume} executions on).`,
  },

  HighPipelineLatency: {
    area: 'executions',
    ofPipeline: true,
    expr: (scope) =>
      from(seriesOfPipelines(scope, executors, 'pipeline_execution_duration_seconds_bucket'), (buckets) => {
        return `${quantile(0.95, sum(growth(buckets, scope.window), ['le']))} > ${scope.threshold}`;
      }),
    summary: 'Pipeline executions are slow',
    description: (scope, limit) =>
      `One execution in twenty of the last ${scope.window} took longer than {{ $value | humanizeDuration }} (limit ${limit}).`,
  },

  NoPipelineExecutions: {
    area: 'executions',
    ofPipeline: true,
    expr: (scope) => {
      // The worker's executions are the ones that count: without them, none finished and none seen look the same.
      if (!scope.services.includes('celery-worker')) return undefined;
      return from(seriesOfPipelines(scope, executors, 'pipeline_executions_total'), (executions) => {
        // One pipeline may rest for months: only what it has begun is missed.
        const subscribed = scope.pipelineId === undefined;
        const waiting = [
          subscribed &&
            from(seriesOf(scope, ['trigger-dispatcher'], 'pipeline_cache_size'), (size) => `max(${size}) > 0`),
          from(seriesOfPipelines(scope, executors, 'pipeline_executions_active'), (active) => `sum(${active}) > 0`),
        ].filter(Boolean);
        const quiet = [`${sum(growth(executions, scope.window))} > 0`, marketsClosed(scope)];
        return `(${waiting.join(' or ')})\n${quiet.map((one) => `unless on ()\n(${one})`).join('\n')}`;
      });
    },
    summary: 'No pipeline execution finishes',
    description: ({ window, pipelineId }) =>
      `{{ $value | humanize }} ${pipelineId ? 'of its executions run' : 'pipelines are active'} and the market is open, but for ${window} and more no execution has finished, well or badly.`,
  },

  ExecutionsStopped: {
    area: 'executions',
    expr: (scope) =>
      from(
        seriesOf(scope, ['celery-worker'], 'celery_queue_depth', { state: ['waiting', 'delayed', 'active'] }),
        (jobs) => {
          // A worker that is gone says nothing of the queue: what the dispatcher puts into it does. It need not be listed here.
          const enqueued = series('pipelines_enqueued_total', {
            job: 'trigger-dispatcher',
            namespace: scope.namespace,
            status: 'enqueued',
          });
          const work = `sum(max by (state) (${jobs})) > 0 or ${sum(growth(enqueued, standstill(scope)))} > 0`;
          const stopped = noProgress(scope, 'celery-worker', 'pipeline_last_progress_timestamp_seconds');
          return `${stopped}\nand on ()\n(${work})`;
        },
      ),
    summary: 'Executions stand still',
    description: (_scope, limit) =>
      describeAge(
        `No execution has moved on for {{ $value | humanizeDuration }}, and work waits (limit ${limit})`,
        'celery-worker',
      ),
  },

  MarketDataStopped: {
    area: 'signals',
    perService: true,
    expr: (scope) => {
      const [service = ''] = scope.services;
      const at = { job: service, namespace: scope.namespace };
      const open = marketOpen(scope);
      // A symbol that has never had a bar is as old as the process.
      const last =
        `max by (symbol) (max_over_time(${series('market_data_last_bar_timestamp_seconds', at)}[${lookback(scope)}]))\n` +
        `or max by (symbol) (${open}) * 0 + scalar(max(${series('process_start_time_seconds', at)}))`;
      const closed = `max by (symbol) (min_over_time(${open}[${ageWindow(scope)}])) == 0`;
      return [
        `(time() - (${last}) > ${scope.threshold}\nunless on (symbol)\n(${closed}))`,
        `or (${vanished(scope, service)}\nunless on ()\n(${marketsClosed(scope, ageWindow(scope))}))`,
      ].join('\n');
    },
    summary: 'No market data',
    description: (scope, limit) =>
      describeAge(
        `The market of {{ $labels.symbol }} is open, and its last bar came {{ $value | humanizeDuration }} ago (limit ${limit})`,
        scope.services[0],
      ),
  },

  SignalGenerationStopped: {
    area: 'signals',
    expr: (scope) => {
      if (!scope.services.includes('signal-generator')) return undefined;
      const stopped = noProgress(scope, 'signal-generator', 'signals_last_generated_timestamp_seconds');
      return `${stopped}\nunless on ()\n(${marketsClosed(scope, ageWindow(scope))})`;
    },
    summary: 'No signals are generated',
    description: (_scope, limit) =>
      describeAge(
        `A market is open, and the last signal came {{ $value | humanizeDuration }} ago (limit ${limit})`,
        'signal-generator',
      ),
  },

  KafkaPublishFailures: {
    area: 'signals',
    expr: (scope) =>
      from(seriesOf(scope, ['signal-generator'], 'kafka_publish_failure_total'), (failure) => {
        const success = seriesOf(scope, ['signal-generator'], 'kafka_publish_success_total') ?? failure;
        const failures = sum(growth(failure, scope.window));
        return `${failures} / (${failures} + ${orZero(sum(growth(success, scope.window)))}) > ${scope.threshold}`;
      }),
    summary: 'Signals cannot be published to Kafka',
    description: (scope, limit) =>
      `{{ $value | humanizePercentage }} of the attempts of the last ${scope.window} to publish a signal failed (limit ${limit}). They are tried again, in order.`,
  },

  HighKafkaConsumerLag: {
    area: 'dispatch',
    expr: (scope) =>
      from(seriesOf(scope, ['trigger-dispatcher'], 'kafka_consumer_lag_seconds'), (lag) => {
        const consumed = seriesOf(scope, ['trigger-dispatcher'], 'signals_consumed_total') ?? lag;
        // A dead dispatcher exports no lag: then the generator's own count says it. It need not be listed here.
        const published = series('kafka_publish_success_total', {
          job: 'signal-generator',
          namespace: scope.namespace,
        });
        return [
          `max by (topic) (${lag}) > ${scope.threshold}`,
          'or',
          `(${sum(growth(published, scope.window))} > 0\nunless on ()\n(${sum(growth(consumed, scope.window))} > 0))`,
        ].join('\n');
      }),
    summary: 'Signals wait to be dispatched',
    description: (scope, limit) =>
      `{{ if $labels.topic }}The oldest unconsumed message of {{ $labels.topic }} is {{ $value | humanizeDuration }} old (limit ${limit}).` +
      `{{ else }}{{ $value | humanize }} signals were published in the last ${scope.window} and none was consumed.{{ end }}`,
  },

  DispatchStopped: {
    area: 'dispatch',
    expr: (scope) => {
      if (!scope.services.includes('trigger-dispatcher')) return undefined;
      const published = series('kafka_publish_success_total', { job: 'signal-generator', namespace: scope.namespace });
      const generated = latest(scope, 'signal-generator', 'signals_last_generated_timestamp_seconds');
      const dispatched = latest(scope, 'trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds');
      return [
        noProgress(scope, 'trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds'),
        `and on () (${sum(growth(published, ageWindow(scope)))} > 0)`,
        // Signals pause, and the last was dispatched: their clocks may differ by seconds.
        `unless on () (${generated} <= ${dispatched} + 5)`,
      ].join('\n');
    },
    summary: 'Signals are published and not dispatched',
    description: (_scope, limit) =>
      describeAge(
        `Signals are published, and the last was dispatched {{ $value | humanizeDuration }} ago (limit ${limit})`,
        'trigger-dispatcher',
      ),
  },

  NoActiveBotsRunning: {
    area: 'trading',
    expr: (scope) =>
      from(
        seriesOf(scope, ['backend'], 'trading_bots_active_total', { status: 'running' }),
        (running) => `${orZero(sum(running))} == 0`,
      ),
    summary: 'No bot is running',
    description: () => 'Bots with the status running: {{ $value | humanize }}.',
  },

  HighMarketDataLag: {
    area: 'trading',
    byService: true,
    expr: (scope) =>
      from(seriesOf(scope, ['backend', 'signal-generator'], 'market_data_lag_seconds_bucket'), (buckets) => {
        return `${quantile(0.95, sum(rate(buckets, scope.window), ['service', 'le']))} > ${scope.threshold}`;
      }),
    summary: 'Market data arrives late at {{ $labels.service }}',
    description: (scope, limit) =>
      `One bar in twenty of the last ${scope.window} was more than {{ $value | humanizeDuration }} late (limit ${limit}).`,
  },

  HighRedisErrorRate: {
    area: 'dispatch',
    byService: true,
    expr: (scope) =>
      from(
        seriesOf(scope, ['backend', 'celery-worker', 'trigger-dispatcher'], 'redis_connection_errors_total'),
        (errors) => {
          return `${sum(rate(errors, scope.window), ['service'])} > ${scope.threshold}`;
        },
      ),
    summary: '{{ $labels.service }} loses its connection to Redis',
    description: (scope, limit) =>
      `{{ $value | printf "%.2f" }} connections to Redis a second failed or broke over the last ${scope.window} (limit ${limit}).`,
  },

  HighPortfolioDrawdown: {
    area: 'trading',
    expr: (scope) =>
      from(seriesOf(scope, ['backend'], 'portfolio_drawdown_ratio'), (fall) => `max(${fall}) > ${scope.threshold}`),
    summary: 'The portfolio has lost a large share of its peak',
    description: (_scope, limit) =>
      `The portfolio is worth {{ $value | humanizePercentage }} less than at its peak (limit ${limit}).`,
  },

  HighCPUUsage: {
    area: 'resources',
    byService: true,
    expr: (scope) => {
      const used = `sum by (${instanceLabels.join(', ')}) (${rate(seriesOfAll(scope, 'process_cpu_seconds_total'), scope.window)})`;
      return `${used}\n/\n${perInstance(seriesOfAll(scope, 'process_cpu_limit_cores'))} > ${scope.threshold}`;
    },
    summary: '{{ $labels.service }} needs most of its CPU limit',
    description: (_scope, limit) =>
      `{{ $labels.instance }} uses {{ $value | humanizePercentage }} of the CPU it may use (limit ${limit}).`,
  },

  HighMemoryUsage: {
    area: 'resources',
    byService: true,
    expr: (scope) => {
      const used = perInstance(seriesOfAll(scope, 'process_resident_memory_bytes'));
      return `${used}\n/\n${perInstance(seriesOfAll(scope, 'process_memory_limit_bytes'))} > ${scope.threshold}`;
    },
    summary: '{{ $labels.service }} needs most of its memory limit',
    description: (_scope, limit) =>
      `{{ $labels.instance }} uses {{ $value | humanizePercentage }} of the memory it may use (limit ${limit}). At all of it, it is killed.`,
  },

  LabelBudgetExceeded: {
    area: 'resources',
    byService: true,
    expr: (scope) => {
      const overflow = seriesOfAll(scope, 'telemetry_label_overflow_total');
      return `${sum(growth(overflow, OVERFLOW_WINDOW), ['service', 'metric'])} > 0`;
    },
    summary: '{{ $labels.service }} counts {{ $labels.metric }} under "other"',
    description: () =>
      `{{ $value | printf "%.0f" }} observations of {{ $labels.metric }} in the last ${OVERFLOW_WINDOW} have lost their labels: it has as many label sets as it may.`,
  },

  HighLLMCostRate: {
    area: 'models',
    expr: (scope) =>
      from(
        seriesOf(scope, ['celery-worker'], 'llm_cost_usd_total'),
        (cost) => `${sum(growth(cost, COST_WINDOW))} > ${scope.threshold}`,
      ),
    summary: 'Model calls are expensive',
    description: (_scope, limit) =>
      `Calls of language models cost {{ $value | printf "%.2f" }} USD in the last hour (limit ${limit}).`,
  },

  PipelineBudgetExhausted: {
    area: 'models',
    byPipeline: true,
    ofPipeline: true,
    expr: (scope) =>
      from(
        seriesOfPipelines(scope, ['celery-worker'], 'pipeline_budget_remaining_usd'),
        (left) => `min by (pipeline_id) (${left}) <= 0`,
      ),
    summary: 'Pipeline {{ $labels.pipeline_id }} has spent its model budget',
    description: () =>
      'It starts again with the next UTC day, or with a larger budget. Left: {{ $value | printf "%.2f" }} USD.',
  },
};

function marketOpen(scope: AlertScope): string {
  return series('market_open', { job: 'signal-generator', ...placeOf(scope) });
}

/** Every market has been closed for at least part of the window: no signal is due. Unknown markets count as open. */
function marketsClosed(scope: AlertScope, window = scope.window): string {
  return `max(min_over_time(${marketOpen(scope)}[${window}])) == 0`;
}

/** Long enough to hold the last progress while its age is within the threshold, and of processes that are gone since. */
function lookback({ threshold }: AlertScope): string {
  return formatDuration(Math.max(3_600, Math.ceil(threshold * 2)));
}

/** As long as the threshold, but never so short that a rate has too few samples. */
function ageWindow({ threshold, window }: AlertScope): string {
  return formatDuration(Math.max(parseDurationSeconds(window), Math.ceil(threshold)));
}

/** The threshold and no longer: what came within it came after the last progress. A minute at least, so that a rate has samples. */
function standstill({ threshold }: AlertScope): string {
  return formatDuration(Math.max(60, Math.ceil(threshold)));
}

/** 0 when Prometheus has no target of a service that answers. */
function vanished({ namespace }: AlertScope, service: string): string {
  return `0 * sum(absent(${series('up', { job: service, namespace })} == 1))`;
}

/** The latest of the times that a service said in the last hours; processes that are gone are remembered. */
function latest(scope: AlertScope, service: ServiceName, time: MetricName): string {
  return `max(max_over_time(${series(time, { job: service, namespace: scope.namespace })}[${lookback(scope)}]))`;
}

/**
 * Seconds since a service last moved on, above the threshold; 0 when the service has vanished. Before its first progress the
 * start of its process counts, so that a fresh one is given its time.
 */
function noProgress(scope: AlertScope, service: ServiceName, progress: MetricName): string {
  const started = series('process_start_time_seconds', { job: service, namespace: scope.namespace });
  const last = `${latest(scope, service, progress)} or max(${started})`;
  return `(time() - (${last}) > ${scope.threshold}\nor ${vanished(scope, service)})`;
}

/** 0 seconds stand for a service that is not there to ask. */
function describeAge(sentence: string, service = 'the service'): string {
  return `{{ if $value }}${sentence}.{{ else }}No process of ${service} answers.{{ end }}`;
}

function perInstance(selector: string): string {
  return `max by (${instanceLabels.join(', ')}) (${selector})`;
}
