import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { countOpenPositions, type PortfolioValue } from '#trading/ledger/valuation.ts';
import { type BotStatus, botStatuses } from '#trading/pipelines/pipeline-status.ts';

type PortfolioMetric =
  | 'portfolio_total_value_usd'
  | 'portfolio_positions_count'
  | 'portfolio_cash_balance_usd'
  | 'portfolio_drawdown_ratio'
  | 'trading_bot_pnl_usd'
  | 'trading_bots_active_total';

export interface Valuation {
  portfolio: PortfolioValue;
  bots: Record<BotStatus, number>;
}

export interface PortfolioGauges {
  show(valuation: Valuation): void;
  /**
   * Removes all series of the gauges until the next valuation, because an unknown value must not look like a known
   * value.
   */
  forget(): void;
}

export function createPortfolioGauges(instruments: Instruments<PortfolioMetric>): PortfolioGauges {
  let known: Valuation | undefined;
  instruments.observeGauge(
    'portfolio_total_value_usd',
    (observe) => known && observe(known.portfolio.totalValueUsd.toNumber()),
  );
  instruments.observeGauge(
    'portfolio_cash_balance_usd',
    (observe) => known && observe(known.portfolio.cashUsd.toNumber()),
  );
  instruments.observeGauge(
    'portfolio_drawdown_ratio',
    (observe) => known && observe(known.portfolio.drawdownRatio.toNumber()),
  );
  instruments.observeGauge('trading_bots_active_total', (observe) => {
    if (known) for (const status of botStatuses) observe(known.bots[status], { status });
  });
  const positions = instruments.gauge('portfolio_positions_count');
  const pnl = instruments.gauge('trading_bot_pnl_usd');
  return {
    show(valuation) {
      const { holdings } = valuation.portfolio;
      known = valuation;
      positions.reset();
      for (const [symbol, count] of countOpenPositions(holdings)) positions.add(count, { symbol });
      pnl.reset();
      // Uses add() instead of set(), because several bots share one series once the metric's label budget is used up.
      for (const { pipelineId, symbol, pnlUsd } of holdings) pnl.add(pnlUsd.toNumber(), { bot_id: pipelineId, symbol });
    },
    forget() {
      known = undefined;
      positions.reset();
      pnl.reset();
    },
  };
}
