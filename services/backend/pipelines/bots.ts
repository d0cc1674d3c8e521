import type { Decimal } from 'decimal.js';
import type { AgentName } from '#trading/agents/agents.ts';
import { type Holding, type PriceOf, sumOf, type ValuedHolding, valueHolding } from '#trading/ledger/valuation.ts';

/** The agent that places orders. A pipeline with a stage of this agent is a bot. */
export const TRADING_AGENT = 'trade-manager' satisfies AgentName;

export const botStatuses = ['running', 'paused', 'stopped'] as const;
export type BotStatus = (typeof botStatuses)[number];

/** The status of a bot by the status of its pipeline: the same states in the words of a trading desk. */
export const botStatusOf = {
  active: 'running',
  paused: 'paused',
  deleted: 'stopped',
} as const satisfies Record<string, BotStatus>;

export const pipelineStatusOf = {
  running: 'active',
  paused: 'paused',
  stopped: 'deleted',
} as const satisfies Record<BotStatus, keyof typeof botStatusOf>;

export interface BotResult {
  positions: ValuedHolding[];
  realisedPnlUsd: Decimal;
  unrealisedPnlUsd: Decimal;
  pnlUsd: Decimal;
}

/** Values a bot: the realised profit of its sales, and the unrealised profit of its open positions at the last prices. */
export function valueBot(holdings: readonly Holding[], priceOf: PriceOf): BotResult {
  const positions = holdings.map((holding) => valueHolding(holding, priceOf));
  const unrealisedPnlUsd = sumOf(positions, (position) => position.unrealisedPnlUsd);
  const pnlUsd = sumOf(positions, (position) => position.pnlUsd);
  return { positions, unrealisedPnlUsd, pnlUsd, realisedPnlUsd: pnlUsd.sub(unrealisedPnlUsd) };
}
