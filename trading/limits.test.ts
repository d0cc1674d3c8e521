import { describe, expect, it } from 'vitest';
import { checkOrder, type RiskState } from './limits.ts';
import { Exact } from './money.ts';

const limits = { maxPositionUsd: 1_000, maxDailyLossUsd: 100, maxDrawdown: 0.2 };
const calm: RiskState = {
  pipelineStatus: 'active',
  cashUsd: new Exact(5_000),
  position: { quantity: new Exact(0), averagePrice: new Exact(0), realisedPnlUsd: new Exact(0) },
  realisedTodayUsd: new Exact(0),
  totalValueUsd: new Exact(10_000),
  peakValueUsd: new Exact(10_000),
};
const held = (quantity: number) => ({ ...calm.position, quantity: new Exact(quantity) });
const buy = { side: 'buy', quantity: new Exact(10), price: new Exact(100), feeUsd: new Exact(1) } as const;
const sell = { ...buy, side: 'sell' } as const;

describe('checkOrder allows an order up to the limit, and names the limit beyond it', () => {
  const cases = [
    ['MAX_POSITION', { position: held(0) }, { position: held(0.00000001) }],
    ['NO_CASH', { cashUsd: new Exact(1_001) }, { cashUsd: new Exact('1000.99999999') }],
    ['DAILY_LOSS', { realisedTodayUsd: new Exact('-99.99') }, { realisedTodayUsd: new Exact(-100) }],
    ['DRAWDOWN', { totalValueUsd: new Exact('8000.01') }, { totalValueUsd: new Exact(8_000) }],
    ['PIPELINE_PAUSED', {}, { pipelineStatus: 'paused' }],
    ['PIPELINE_STOPPED', {}, { pipelineStatus: 'stopped' }],
    ['PIPELINE_DELETED', {}, { pipelineStatus: 'deleted' }],
  ] as const;
  it.each(cases)('purchase: %s', (code, allowed, refused) => {
    expect(checkOrder(buy, limits, { ...calm, ...allowed })).toBeUndefined();
    expect(checkOrder(buy, limits, { ...calm, ...refused })).toBe(code);
  });

  it('sale: NO_POSITION', () => {
    expect(checkOrder(sell, limits, { ...calm, position: held(10) })).toBeUndefined();
    expect(checkOrder(sell, limits, { ...calm, position: held(9) })).toBe('NO_POSITION');
  });

  it('sale: NO_CASH if its fee exceeds its proceeds and the cash', () => {
    const dust = {
      side: 'sell',
      quantity: new Exact('1e-8'),
      price: new Exact('0.1'),
      feeUsd: new Exact('1e-8'),
    } as const;
    const state = { ...calm, position: held(1), cashUsd: new Exact(0) };
    expect(checkOrder(dust, limits, state)).toBe('NO_CASH');
    expect(checkOrder(dust, limits, { ...state, cashUsd: new Exact('1e-8') })).toBeUndefined();
  });

  it('allows a sale at any loss and drawdown, because a sale lowers the risk, but refuses it for a stopped pipeline', () => {
    const bad = { ...calm, position: held(10), realisedTodayUsd: new Exact(-1e6), totalValueUsd: new Exact(1) };
    expect(checkOrder(sell, limits, bad)).toBeUndefined();
    expect(checkOrder(sell, limits, { ...bad, pipelineStatus: 'paused' })).toBe('PIPELINE_PAUSED');
  });
});
