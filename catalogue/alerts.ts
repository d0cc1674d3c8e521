import type { DashboardName } from './dashboards.ts';
import type { ServiceName } from './services.ts';

/**
 * Alerts the platform's users expect, with their defaults. Each field but `about`, `watches`, `dashboard` and `follows` can
 * be changed in a TradingPipeline; the expressions are compiled in controller/compile/alerts/alert-recipes.ts.
 */
export interface AlertDefinition {
  readonly severity: Severity;
  /** How long the expression must hold, as a Prometheus duration. */
  readonly for: string;
  /** In the unit that `about` names; absent where the alert has none. */
  readonly threshold?: number;
  /** Least number of events in the window, where fewer must not page. */
  readonly minVolume?: number;
  /** Off unless a resource turns it on. */
  readonly enabled?: false;
  /** What it means, in one sentence. */
  readonly about: string;
  /** The services whose metrics it reads: a resource that lists one of them gets the alert. */
  readonly watches: 'each' | readonly ServiceName[];
  /** Where its question is answered: the dashboard that `dashboard_url` opens. */
  readonly dashboard: DashboardName;
  /**
   * Services of which one being down says all that this alert could say: ServiceDown of one silences it. `own` is the service
   * that its label `service` names. An alert on money follows from nothing.
   */
  readonly follows: 'own' | readonly ServiceName[];
}

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const alerts = {
  ServiceDown: {
    severity: 'critical',
    for: '1m',
    about: 'A service does not answer its scrapes, or has vanished from discovery',
    watches: 'each',
    dashboard: 'overview',
    follows: [],
  },
  HighPipelineFailureRate: {
    severity: 'warning',
    for: '5m',
    threshold: 0.1,
    minVolume: 5,
    about: 'More than this share of pipeline executions fails',
    watches: ['celery-worker', 'backend'],
    dashboard: 'pipelines',
    follows: ['celery-worker'],
  },
  HighPipelineLatency: {
    severity: 'warning',
    for: '5m',
    threshold: 10,
    about: 'The 95th percentile of the execution time is above this many seconds',
    watches: ['celery-worker', 'backend'],
    dashboard: 'pipelines',
    follows: ['celery-worker'],
  },
  NoPipelineExecutions: {
    severity: 'warning',
    for: '30m',
    about: 'No execution has finished while pipelines are active',
    watches: ['celery-worker', 'trigger-dispatcher'],
    dashboard: 'overview',
    follows: ['signal-generator', 'trigger-dispatcher', 'celery-worker'],
  },
  ExecutionsStopped: {
    severity: 'critical',
    for: '1m',
    threshold: 300,
    about: 'Executions wait in the queue or run, and none has moved on for this many seconds',
    watches: ['celery-worker'],
    dashboard: 'overview',
    follows: ['celery-worker'],
  },
  MarketDataStopped: {
    severity: 'warning',
    for: '2m',
    threshold: 300,
    about: 'The market of a symbol is open, and its last bar is older than this many seconds',
    watches: ['signal-generator', 'backend'],
    dashboard: 'signals',
    follows: ['signal-generator', 'backend'],
  },
  SignalGenerationStopped: {
    severity: 'critical',
    for: '5m',
    threshold: 300,
    about: 'A market is open and the last signal is older than this many seconds, or the generator has vanished',
    watches: ['signal-generator'],
    dashboard: 'signals',
    follows: ['signal-generator'],
  },
  KafkaPublishFailures: {
    severity: 'warning',
    for: '5m',
    threshold: 0.05,
    about: 'More than this share of the attempts to publish a signal fails',
    watches: ['signal-generator'],
    dashboard: 'signals',
    follows: ['signal-generator'],
  },
  HighKafkaConsumerLag: {
    severity: 'warning',
    for: '2m',
    threshold: 1,
    about:
      'The oldest unconsumed signal is older than this many seconds, or signals are published and none is consumed',
    watches: ['trigger-dispatcher'],
    dashboard: 'infrastructure',
    follows: ['trigger-dispatcher'],
  },
  DispatchStopped: {
    severity: 'critical',
    for: '1m',
    threshold: 120,
    about: 'Signals are published, and none has been dispatched for this many seconds',
    watches: ['trigger-dispatcher'],
    dashboard: 'infrastructure',
    follows: ['trigger-dispatcher'],
  },
  NoActiveBotsRunning: {
    severity: 'warning',
    for: '5m',
    enabled: false,
    about: 'No bot is running',
    watches: ['backend'],
    dashboard: 'trading',
    follows: ['backend'],
  },
  HighMarketDataLag: {
    severity: 'warning',
    for: '2m',
    threshold: 5,
    about: 'The 95th percentile of the market data lag is above this many seconds',
    watches: ['backend', 'signal-generator'],
    dashboard: 'signals',
    follows: 'own',
  },
  HighRedisErrorRate: {
    severity: 'warning',
    for: '1m',
    threshold: 0.1,
    about: 'More than this many Redis connection errors a second',
    watches: ['backend', 'celery-worker', 'trigger-dispatcher'],
    dashboard: 'infrastructure',
    follows: 'own',
  },
  HighPortfolioDrawdown: {
    severity: 'critical',
    for: '5m',
    threshold: 0.15,
    about: 'The portfolio has fallen by more than this share from its peak',
    watches: ['backend'],
    dashboard: 'trading',
    follows: [],
  },
  HighCPUUsage: {
    severity: 'warning',
    for: '10m',
    threshold: 0.8,
    about: 'A service uses more than this share of its CPU limit',
    watches: 'each',
    dashboard: 'infrastructure',
    follows: 'own',
  },
  HighMemoryUsage: {
    severity: 'warning',
    for: '10m',
    threshold: 0.85,
    about: 'A service uses more than this share of its memory limit',
    watches: 'each',
    dashboard: 'infrastructure',
    follows: 'own',
  },
  LabelBudgetExceeded: {
    severity: 'warning',
    for: '0m',
    about: 'A metric has more label sets than its budget, and what comes beyond is counted under `other`',
    watches: 'each',
    dashboard: 'infrastructure',
    follows: [],
  },
  HighLLMCostRate: {
    severity: 'warning',
    for: '5m',
    threshold: 5,
    about: 'Models cost more than this many USD an hour',
    watches: ['celery-worker'],
    dashboard: 'cost',
    follows: [],
  },
  PipelineBudgetExhausted: {
    severity: 'warning',
    for: '0m',
    about: 'A pipeline has spent its model budget of the day',
    watches: ['celery-worker'],
    dashboard: 'cost',
    follows: [],
  },
} as const satisfies Record<string, AlertDefinition>;

export type AlertName = keyof typeof alerts;
export const alertNames = Object.keys(alerts) as [AlertName, ...AlertName[]];

export function alertDefinition(name: AlertName): AlertDefinition {
  return alerts[name];
}

/** Labels that the controller puts on alerts, and by which the dashboards know them. */
export const alertLabels = {
  severity: 'severity',
  service: 'service',
  namespace: 'namespace',
  /** The TradingPipeline the alert comes from. */
  pipeline: 'tradingpipeline',
  /** The objective of a resource, by its name. */
  objective: 'objective',
} as const;
