/** Alerts on the dispatch of signals: do signals become queued executions? */
import { max, rate, sum } from '#base/promql/build-promql.ts';
import { growth } from '#base/promql/count-growth.ts';
import type { AlertDefinition, Runbook } from './alert.ts';
import { ageWindow, describeAge, from, latest, noProgress, seriesOf, seriesOfService } from './expressions.ts';

/** The clocks of the generator and the dispatcher may differ by this much. */
const CLOCK_SKEW_SECONDS = 5;

export const dispatchAlerts = {
  HighKafkaConsumerLag: {
    about:
      'The oldest unconsumed signal is older than this many seconds, or signals are published and none is consumed',
    severity: 'warning',
    for: '2m',
    threshold: 1,
    unit: 'seconds',
    watches: ['trigger-dispatcher'],
    dashboard: 'infrastructure',
    follows: ['trigger-dispatcher'],
    expr: (scope) =>
      from(seriesOf(scope, ['trigger-dispatcher'], 'kafka_consumer_lag_seconds'), (lag) => {
        const consumed = seriesOf(scope, ['trigger-dispatcher'], 'signals_consumed_total') ?? lag;
        // While no dispatcher runs, nothing reports the lag. The generator's counter then shows that signals wait.
        const published = seriesOfService(scope, 'signal-generator', 'kafka_publish_success_total');
        return [
          `${max(lag, ['topic'])} > ${scope.threshold}`,
          'or',
          `(${sum(growth(published, scope.window))} > 0\nunless on ()\n(${sum(growth(consumed, scope.window))} > 0))`,
        ].join('\n');
      }),
    summary: 'Signals wait to be dispatched',
    description: ({ window }, limit) =>
      `{{ if $labels.topic }}The oldest unconsumed message of {{ $labels.topic }} is {{ $value | humanizeDuration }} old (limit ${limit}).` +
      `{{ else }}{{ $value | humanize }} signals were published in the last ${window} and none was consumed.{{ end }}`,
  },

  DispatchStopped: {
    about: 'Signals are published, and none has been dispatched for this many seconds',
    severity: 'critical',
    for: '1m',
    threshold: 120,
    unit: 'seconds',
    watches: ['trigger-dispatcher'],
    dashboard: 'infrastructure',
    follows: ['trigger-dispatcher'],
    expr: (scope) => {
      if (!scope.services.includes('trigger-dispatcher')) return undefined;
      const published = seriesOfService(scope, 'signal-generator', 'kafka_publish_success_total');
      const generated = latest(scope, 'signal-generator', 'signals_last_generated_timestamp_seconds');
      const dispatched = latest(scope, 'trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds');
      return [
        noProgress(scope, 'trigger-dispatcher', 'signals_last_dispatched_timestamp_seconds'),
        `and on () (${sum(growth(published, ageWindow(scope)))} > 0)`,
        // If the last signal is older than the last dispatch, no signal waits, so the alert must not fire.
        `unless on () (${generated} <= ${dispatched} + ${CLOCK_SKEW_SECONDS})`,
      ].join('\n');
    },
    summary: 'Signals are published and not dispatched',
    description: (_scope, limit) =>
      describeAge(
        `Signals are published, and the last was dispatched {{ $value | humanizeDuration }} ago (limit ${limit})`,
        'trigger-dispatcher',
      ),
  },

  HighRedisErrorRate: {
    about: 'More than this many Redis connection errors a second',
    severity: 'warning',
    for: '1m',
    threshold: 0.1,
    unit: 'errors a second',
    watches: ['backend', 'celery-worker', 'trigger-dispatcher'],
    dashboard: 'infrastructure',
    follows: 'own',
    byService: true,
    expr: (scope) =>
      from(
        seriesOf(scope, ['backend', 'celery-worker', 'trigger-dispatcher'], 'redis_connection_errors_total'),
        (errors) => `${sum(rate(errors, scope.window), ['service'])} > ${scope.threshold}`,
      ),
    summary: '{{ $labels.service }} loses its connection to Redis',
    description: ({ window }, limit) =>
      `{{ $value | printf "%.2f" }} connections to Redis a second failed or broke over the last ${window} (limit ${limit}).`,
  },
} as const satisfies Record<string, AlertDefinition>;

export const dispatchRunbooks = {
  HighKafkaConsumerLag: {
    means:
      'The oldest signal that the dispatcher has not consumed is older than 1 s. Or signals are published and ' +
      'none is consumed, as when the dispatcher is gone and cannot report its lag.',
    feels: 'Executions start late, on signals that have aged.',
    look: [
      'Is it one partition or all? Is the dispatcher busy, or does it wait?',
      { promql: 'max by (topic, partition) (kafka_consumer_lag_seconds)' },
      { promql: 'histogram_quantile(0.95, sum by (le) (rate(batch_processing_duration_seconds_bucket[5m])))' },
      { sh: 'kafka-consumer-groups.sh --bootstrap-server <kafka>:9092 --describe --group trigger-dispatcher' },
    ],
    remedy: [
      'No dispatcher: follow ServiceDown.',
      'Slow batches: check Postgres and Redis. Each batch calls both once.',
      'One partition: one ticker makes most of the signals. Raise the batch size; more dispatchers do not help.',
      'All partitions: add dispatchers, at most one for each partition.',
    ],
    silence:
      'While a backlog after an outage is worked off and the lag falls. Do not reset offsets: that loses signals.',
  },

  DispatchStopped: {
    means:
      'Signals are published to Kafka, and for two minutes the dispatcher has committed no batch, or no ' +
      'dispatcher answers. Its lag may still read 0, because a dispatcher that hangs measures nothing. A pause ' +
      'of the signals does not fire: then the last signal is older than the last batch.',
    feels:
      'Signals start no pipelines. They wait in Kafka and are handled later, when they may be too old to trade ' +
      'on.',
    look: [
      'Are signals published and not consumed? What does the dispatcher wait for?',
      { promql: 'time() - max(signals_last_dispatched_timestamp_seconds)' },
      { promql: 'sum(rate(kafka_publish_success_total[5m]))' },
      { promql: 'sum(rate(signals_consumed_total[5m]))' },
      { sh: 'kubectl -n $NS logs deploy/trigger-dispatcher --tail=200' },
    ],
    remedy: [
      '`/readyz` of the dispatcher names Kafka, Postgres or Redis as away: bring it back. A batch is committed ' +
        'only when all its executions are stored and enqueued.',
      'All three are there: one batch fails again and again, and the log has its error. Run `kubectl -n $NS ' +
        'rollout restart deploy/trigger-dispatcher`. The dispatcher reads the batch again; nothing is lost and ' +
        'nothing runs twice.',
    ],
    silence:
      'While the dispatcher is stopped on purpose. Before it starts again, check how old the waiting signals are.',
  },

  HighRedisErrorRate: {
    means: 'More than 0.1 connections to Redis fail or break each second.',
    feels: 'Executions wait, because the job queue is in Redis. Nothing is lost: every execution is in Postgres first.',
    look: [
      'Is it one service or all? One: its network. All: Redis itself.',
      { promql: 'sum by (job) (rate(redis_connection_errors_total[5m]))' },
      {
        sh:
          'redis-cli -h <redis> ping\n' +
          "redis-cli -h <redis> info memory | grep -E 'used_memory_human|maxmemory_human|maxmemory_policy'",
      },
    ],
    remedy: [
      'Redis is down: start it. The services reconnect by themselves.',
      'Its memory is full: give it more. Leave the policy at `noeviction`: every other policy drops jobs.',
    ],
    silence: 'For ten minutes, during a planned failover.',
  },
} as const satisfies Record<keyof typeof dispatchAlerts, Runbook>;
