import type { AgentName } from '#trading/agents/agents.ts';
import { type Holding, type PriceOf, type ValuedHolding, valueHolding } from '#trading/ledger/valuation.ts';
import { type Exact, sumOf } from '#trading/money.ts';

/** The agent that places orders. A pipeline with a stage of this agent is a bot. */
export const TRADING_AGENT = 'trade-manager' satisfies AgentName;

export interface BotResult {
  positions: ValuedHolding[];
  realisedPnlUsd: Exact;
  unrealisedPnlUsd: Exact;
  pnlUsd: Exact;
}

/**
 * Returns the value of a bot: the realised profit of its sales, and the unrealised profit of its open positions at the
 * last prices.
 */
export function valueBot(holdings: readonly Holding[], priceOf: PriceOf): BotResult {
  const positions = holdings.map((holding) => valueHolding(holding, priceOf));
  const unrealisedPnlUsd = sumOf(positions, (position) => position.unrealisedPnlUsd);
  const pnlUsd = sumOf(positions, (position) => position.pnlUsd);
  return { positions, unrealisedPnlUsd, pnlUsd, realisedPnlUsd: pnlUsd.sub(unrealisedPnlUsd) };
}
