/** Alerts on signals: do bars arrive, are signals generated, and do signals reach Kafka? */
import { max, orElse, sum } from '#base/promql/build-promql.ts';
import { growth } from '#base/promql/count-growth.ts';
import type { AlertDefinition, Runbook } from './alert.ts';
import {
  ageWindow,
  describeAge,
  from,
  lookback,
  marketOpen,
  marketsClosed,
  noProgress,
  seriesOf,
  seriesOfService,
  vanished,
} from './expressions.ts';

export const signalAlerts = {
  MarketDataStopped: {
    about: 'The market of a symbol is open, and its last bar is older than this many seconds',
    severity: 'warning',
    for: '2m',
    threshold: 300,
    unit: 'seconds',
    watches: ['signal-generator', 'backend'],
    dashboard: 'signals',
    follows: ['signal-generator', 'backend'],
    perService: true,
    expr: (scope) => {
      const [service = ''] = scope.services;
      const open = marketOpen(scope);
      const lastBar = seriesOfService(scope, service, 'market_data_last_bar_timestamp_seconds');
      const started = seriesOfService(scope, service, 'process_start_time_seconds');
      // For a symbol without any bar yet, the start of the process counts as the last bar.
      const last =
        `${max(`max_over_time(${lastBar}[${lookback(scope)}])`, ['symbol'])}\n` +
        `or ${max(open, ['symbol'])} * 0 + scalar(${max(started)})`;
      const closed = `${max(`min_over_time(${open}[${ageWindow(scope)}])`, ['symbol'])} == 0`;
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
    about: 'A market is open and the last signal is older than this many seconds, or the generator has vanished',
    severity: 'critical',
    for: '5m',
    threshold: 300,
    unit: 'seconds',
    watches: ['signal-generator'],
    dashboard: 'signals',
    follows: ['signal-generator'],
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
    about: 'More than this share of the attempts to publish a signal fails',
    severity: 'warning',
    for: '5m',
    threshold: 0.05,
    unit: 'share',
    watches: ['signal-generator'],
    dashboard: 'signals',
    follows: ['signal-generator'],
    expr: (scope) =>
      from(seriesOf(scope, ['signal-generator'], 'kafka_publish_failure_total'), (failure) => {
        const success = seriesOf(scope, ['signal-generator'], 'kafka_publish_success_total') ?? failure;
        const failures = sum(growth(failure, scope.window));
        return `${failures} / (${failures} + ${orElse(sum(growth(success, scope.window)), 0)}) > ${scope.threshold}`;
      }),
    summary: 'Signals cannot be published to Kafka',
    description: ({ window }, limit) =>
      `{{ $value | humanizePercentage }} of the attempts of the last ${window} to publish a signal failed (limit ${limit}). They are tried again, in order.`,
  },
} as const satisfies Record<string, AlertDefinition>;

export const signalRunbooks = {
  MarketDataStopped: {
    means:
      'The market of a symbol has been open for five minutes, and its last bar is older than that. ' +
      '`service=signal-generator`: no bar is published. `service=backend`: no bar is stored. Closed markets do ' +
      'not fire.',
    feels: 'Prices on their page stand still, and that symbol produces no signals.',
    look: [
      'Is it one symbol or all? Does it begin at the generator, or only behind Kafka?',
      { promql: 'time() - max by (job, symbol) (market_data_last_bar_timestamp_seconds)' },
      { promql: 'max by (symbol) (market_open)' },
      { promql: 'sum by (error_type) (rate(kafka_publish_failure_total[5m]))' },
    ],
    remedy: [
      'One symbol: check its source, then its calendar. It may miss a holiday.',
      'All symbols at the generator: suspect Kafka and follow KafkaPublishFailures.',
      "Only at the backend: suspect Postgres or the backend's consumer group. The backend's `/readyz` says which.",
      'The source delivers bars further apart than the threshold: raise the threshold.',
    ],
    silence: 'With `symbol=<symbol>`, while an exchange has halted it.',
  },

  SignalGenerationStopped: {
    means:
      'A market has been open for five minutes, and the last signal is older than the threshold (five minutes). ' +
      'Or no generator answers.',
    feels: 'No new signals, so no new executions. Running executions continue.',
    look: [
      'Do bars arrive? If not, the generator is healthy and its source is not.',
      { promql: 'sum by (symbol) (rate(market_data_updates_total{job="signal-generator"}[5m]))' },
      { promql: 'max by (symbol) (market_open)' },
      { sh: 'kubectl -n $NS logs deploy/signal-generator --tail=100' },
    ],
    remedy: [
      'No bars: check the market data source. The log says so if a replay has ended.',
      'Bars and no signals: wait if the generator is fresh. The indicators need 200 bars first.',
      'No generator: follow ServiceDown.',
    ],
    silence: 'While a source is under maintenance. A closed market does not fire.',
  },

  KafkaPublishFailures: {
    means: 'More than 5 % of the attempts to publish a signal failed.',
    feels:
      'Signals come late. None is lost: the generator tries each again, in order, and resumes at its last bar ' +
      'after a restart.',
    look: [
      'Does Kafka answer at all? The label `error_type` says so.',
      { promql: 'sum by (error_type) (increase(kafka_publish_failure_total[15m]))' },
      { sh: 'kafka-topics.sh --bootstrap-server <kafka>:9092 --describe --topic trading-signals' },
    ],
    remedy: [
      '`connection` or `timeout`: check the brokers and the network.',
      '`broker`: Kafka answered with an error. The topic has fewer in-sync replicas than it demands, a disk is ' +
        'full, or the topic is missing. Restore the replicas; do not lower `min.insync.replicas` to end the ' +
        'alert.',
    ],
    silence: 'For half an hour, during a rolling restart of the brokers.',
  },
} as const satisfies Record<keyof typeof signalAlerts, Runbook>;
