import type { AgentName } from '#trading/agents/agents.ts';
import { type Holding, type PriceOf, type ValuedHolding, valueHolding } from '#trading/ledger/valuation.ts';
import { type Exact, sumOf } from '#trading/money.ts';

/** The agent whose stage makes a pipeline a bot: it places orders. */
export const TRADING_AGENT = 'trade-manager' satisfies AgentName;

export interface BotResult {
  positions: ValuedHolding[];
  realisedPnlUsd: Exact;
  unrealisedPnlUsd: Exact;
  pnlUsd: Exact;
}

/** What a bot has earned: with what it sold, and with what it holds at the last prices. */
export function valueBot(holdings: readonly Holding[], priceOf: PriceOf): BotResult {
  const positions = holdings.map((holding) => valueHolding(holding, priceOf));
  const unrealisedPnlUsd = sumOf(positions, (position) => position.unrealisedPnlUsd);
  const pnlUsd = sumOf(positions, (position) => position.pnlUsd);
  return { positions, unrealisedPnlUsd, pnlUsd, realisedPnlUsd: pnlUsd.sub(unrealisedPnlUsd) };
}
