/**
 * The dashboards, keyed by the name with which a TradingPipeline includes them. Never change a `uid`, because links and
 * bookmarks contain it.
 */
export const dashboards = {
  overview: {
    uid: 'trading-system-overview',
    title: 'Trading Platform - System Overview',
    description: 'Are the four services up, do signals become executions, and how fast',
  },
  signals: {
    uid: 'trading-signal-generation',
    title: 'Signal Generation',
    description: 'Which signals are made out of which market data, and do they reach Kafka',
  },
  pipelines: {
    uid: 'trading-pipeline-execution',
    title: 'Pipeline Execution',
    description: 'Which pipelines run, fail, take long and cost, and do they keep their objectives',
  },
  infrastructure: {
    uid: 'trading-infrastructure',
    title: 'Infrastructure',
    description: 'Do the processes, Postgres, Redis, the job queue and Kafka have room left',
  },
  trading: {
    uid: 'trading-desk',
    title: 'Trading Desk',
    description: 'What the portfolio is worth, what each bot earned and holds, and how fresh the market data is',
  },
  agents: {
    uid: 'trading-agent-performance',
    title: 'Agent Performance',
    description: 'Which agent is slow or fails, and what it asks of the models',
  },
  cost: {
    uid: 'trading-cost',
    title: 'Cost',
    description: 'What the models cost, by whom, and what is left of the budgets',
  },
  users: {
    uid: 'trading-user-activity',
    title: 'User Activity',
    description: 'What users do, and how well the API answers them',
  },
  operator: {
    uid: 'trading-operator',
    title: 'Operator',
    description: 'Does the operator keep up with what TradingPipelines ask for, and does the API server answer it',
  },
} as const satisfies Record<string, { uid: string; title: string; description: string }>;

export type DashboardName = keyof typeof dashboards;
export const dashboardNames = Object.keys(dashboards) as [DashboardName, ...DashboardName[]];
