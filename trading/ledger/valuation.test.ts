import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exact, formatMoney } from '../money.ts';
import { countOpenPositions, type Holding, valueHolding, valuePortfolio } from './valuation.ts';

const holding: Holding = {
  pipelineId: 'p',
  symbol: 'GOOG',
  quantity: '0.3',
  averagePrice: '20',
  realisedPnlUsd: '-1.5',
};
const priceOf = (symbol: string) => (symbol === 'GOOG' ? new Exact('30.1') : undefined);

describe('valueHolding', () => {
  it('values a position at the last price, exactly', () => {
    const { valueUsd, unrealisedPnlUsd, pnlUsd } = valueHolding(holding, priceOf);
    expect([valueUsd, unrealisedPnlUsd, pnlUsd].map(formatMoney)).toEqual(['9.03', '3.03', '1.53']);
  });

  it('values a position without a price at cost', () => {
    const { lastPrice, valueUsd, pnlUsd } = valueHolding({ ...holding, symbol: 'NEW' }, priceOf);
    expect([lastPrice, formatMoney(valueUsd), formatMoney(pnlUsd)]).toEqual([undefined, '6', '-1.5']);
  });
});

describe('valuePortfolio', () => {
  const value = (cashUsd: string, peakValueUsd: string, holdings: Holding[] = []) =>
    valuePortfolio({ cashUsd, peakValueUsd, holdings }, priceOf);

  it('adds cash and holdings', () => {
    const { totalValueUsd, realisedPnlUsd, unrealisedPnlUsd } = value('100', '100', [
      holding,
      { ...holding, quantity: '1' },
    ]);
    expect([totalValueUsd, realisedPnlUsd, unrealisedPnlUsd].map(formatMoney)).toEqual(['139.13', '-3', '13.13']);
  });

  it('raises the peak, and measures the drawdown from it', () => {
    expect(formatMoney(value('120', '100').peakValueUsd)).toBe('120');
    expect(formatMoney(value('75', '100').drawdownRatio)).toBe('0.25');
    expect(formatMoney(value('100', '100').drawdownRatio)).toBe('0');
    expect(formatMoney(value('0', '0').drawdownRatio)).toBe('0');
  });

  it('keeps the drawdown between 0 and 1', () => {
    const amount = fc.integer({ min: -1_000_000, max: 1_000_000 }).map(String);
    fc.assert(
      fc.property(amount, amount, (cash, peak) => {
        const { drawdownRatio } = value(cash, peak);
        return drawdownRatio.gte(0) && drawdownRatio.lte(1);
      }),
    );
  });
});

describe('countOpenPositions', () => {
  it('counts open positions by symbol', () => {
    const closed = { ...holding, quantity: '0.000' };
    expect(countOpenPositions([holding, { ...holding, pipelineId: 'q' }, closed, { ...closed, symbol: 'X' }])).toEqual(
      new Map([['GOOG', 2]]),
    );
  });
});
