import type { DashboardName } from '#catalogue/dashboards.ts';

/** Title of a panel, and its type if users expect a certain one. */
type Shown = string | readonly [title: string, type: string];

/** The facts that users expect on each dashboard, and the panels that show them. */
export const mustShow: Readonly<Record<DashboardName, Readonly<Record<string, readonly Shown[]>>>> = {
  overview: {
    'health of each of the four services': [
      'Health: backend',
      'Health: celery-worker',
      'Health: signal-generator',
      'Health: trigger-dispatcher',
    ],
    uptime: ['Uptime'],
    'execution rate by status and trigger mode': ['Pipeline execution rate'],
    'signal generation rate by type and source': ['Signal generation rate'],
    'pipeline success rate': [['Pipeline success rate', 'gauge']],
    'Kafka publish success rate': [['Kafka publish success rate', 'gauge']],
    'execution duration P50, P95, P99': ['Execution duration P50, P95, P99'],
    'duration heatmap': [['Execution duration heatmap', 'heatmap']],
    'active pipelines now': ['Active pipelines'],
    'pipelines matched, enqueued, skipped': ['Pipelines matched, enqueued, skipped'],
    'matching efficiency': ['Matching efficiency'],
    'average batch size': ['Average batch size'],
    'Kafka consumer lag': ['Kafka consumer lag'],
    'Kafka publish failures in the last hour': ['Kafka publish failures, last hour'],
    '24-hour totals': ['Executions, last 24 h', 'Signals, last 24 h', 'Pipelines enqueued, last 24 h'],
  },
  signals: {
    'signals by type': [['Signals by type', 'piechart']],
    'signals by source': [['Signals by source', 'bargauge']],
    'Kafka publish duration': [['Kafka publish duration', 'heatmap']],
    'generation timeline': [['Generation timeline', 'timeseries']],
    'generation duration by generator': ['Generation duration P95 by generator'],
    'publish failures by error type': ['Publish failures by error type'],
    'market data updates and lag': ['Market data updates', 'Market data lag P50, P95, P99'],
  },
  pipelines: {
    'duration P50, P95, P99': ['Execution duration P50, P95, P99'],
    'executions by status': [['Executions by status', 'timeseries']],
    'cost per execution': [['Cost per execution', 'xychart']],
    'agent execution breakdown': [['Agent execution breakdown', 'bargauge']],
    'by trigger mode': ['Executions by trigger mode'],
    'slowest and most failing pipelines': [
      ['Slowest pipelines', 'table'],
      ['Most failing pipelines', 'table'],
    ],
    'objective burn and error budget left': ['Objective burn rate, last 1 h', 'Error budget left'],
  },
  infrastructure: {
    'database query duration': [['Database query duration', 'bargauge']],
    'database pool use': ['Database pool in use'],
    'Redis operations per second': [['Redis operations', 'gauge']],
    'Redis success rate': [['Redis success rate', 'gauge']],
    'queue depth': ['Job queue depth'],
    'Kafka offset and lag by partition': ['Kafka offset by partition', 'Kafka consumer lag'],
    'CPU and memory of each service': [
      'CPU by service',
      'Memory by service',
      'CPU, share of the limit',
      'Memory, share of the limit',
    ],
    'event-loop delay': ['Event-loop delay P99'],
    restarts: ['Restarts'],
  },
  trading: {
    'active bots by status': ['Bots by status'],
    'trade volume over time': [['Trade volume: orders of the last hour', 'timeseries']],
    'portfolio value': ['Portfolio value', 'Portfolio value and cash over time'],
    cash: ['Cash'],
    drawdown: ['Drawdown', 'Drawdown now'],
    'P&L by bot': ['P&L by bot'],
    'open positions by symbol': ['Open positions by symbol'],
    'market data update rate and lag': ['Market data updates', 'Market data lag P50, P95, P99'],
    'WebSocket connections': ['WebSocket connections'],
  },
  agents: {
    'duration and failures by agent': ['Agent duration P95', 'Failed share by agent', 'Failures by agent'],
    'model calls': ['Model calls'],
    'tokens by model': ['Tokens by model'],
    errors: ['Failed share of model calls', 'Model errors by agent'],
  },
  cost: {
    'cost per hour and per day': ['Cost, last hour', 'Cost per hour', 'Cost, last 24 h'],
    'by model and by agent': ['Cost by model', 'Cost per hour by model', 'Cost by agent', 'Cost per hour by agent'],
    'cost per execution': ['Mean cost of an execution', 'Cost per execution P50, P95'],
    'budget left by pipeline': ['Budget left by pipeline'],
    'projected month': ['Projected month, from the last 24 h'],
  },
  users: {
    'actions by kind': ['Actions by kind', 'User actions'],
    'API requests by route': ['API requests by route'],
    'executions by trigger mode': ['Executions by trigger mode'],
    'error rate': ['API error rate'],
  },
  operator: {
    'reconciles by result': ['Reconciles by result'],
    duration: ['Reconcile duration P50, P95, P99'],
    'queue depth and latency': ['Operator queue depth', 'Operator queue latency P50, P95, P99'],
    'conflicts and drift repaired': ['Conflicts, last hour', 'Drift repaired, last hour'],
    'API requests by verb and code': ['API requests by verb and code'],
    'resources by readiness': ['Resources by readiness'],
  },
};

const platform = ['datasource', 'cluster', 'namespace', 'service'];
/** The variables of each dashboard, in the order in which the dashboard shows them. `cluster` is hidden by default. */
export const mustNarrow: Readonly<Record<DashboardName, readonly string[]>> = {
  overview: [...platform, 'pipeline_id', 'signal_type', 'time_range'],
  signals: [...platform, 'signal_type', 'time_range'],
  pipelines: [...platform, 'pipeline_id', 'time_range'],
  infrastructure: [...platform, 'time_range'],
  trading: [...platform, 'pipeline_id'],
  agents: ['datasource', 'cluster', 'namespace', 'time_range'],
  cost: ['datasource', 'cluster', 'namespace', 'pipeline_id', 'time_range'],
  users: [...platform, 'pipeline_id', 'time_range'],
  operator: ['datasource', 'cluster', 'operator_namespace'],
};
