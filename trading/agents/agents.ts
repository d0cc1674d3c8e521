/**
 * The agents that the stages of a pipeline can name, one agent for each stage. `requires` lists agents whose stages
 * must come earlier in the pipeline.
 */
export const agents = {
  'market-data': { description: 'Reads the price and the recent bars of the ticker', requires: [] },
  bias: { description: 'Judges the direction of the market: bullish, bearish or neutral', requires: ['market-data'] },
  strategy: { description: 'Decides whether to buy, to sell or to wait', requires: ['market-data'] },
  'risk-manager': {
    description: 'Sizes the order within the limits, or refuses it with a reason',
    requires: ['strategy'],
  },
  'trade-manager': { description: 'Places the order with the broker', requires: ['risk-manager'] },
} as const satisfies Record<string, { description: string; requires: readonly string[] }>;

export type AgentName = keyof typeof agents;
export const agentNames = Object.keys(agents) as [AgentName, ...AgentName[]];
