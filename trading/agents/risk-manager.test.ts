import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeFee } from '../ledger/fill.ts';
import { checkOrder, type RiskState } from '../limits.ts';
import { Exact } from '../money.ts';
import { assessRisk, type RiskQuestion } from './risk-manager.ts';

const state: RiskState = {
  pipelineStatus: 'active',
  cashUsd: new Exact(100_000),
  position: { quantity: new Exact(0), averagePrice: new Exact(0), realisedPnlUsd: new Exact(0) },
  realisedTodayUsd: new Exact(0),
  totalValueUsd: new Exact(100_000),
  peakValueUsd: new Exact(100_000),
};
const question: RiskQuestion = {
  strategy: { action: 'BUY', confidence: 50 },
  price: new Exact(100),
  limits: { maxPositionUsd: 1_000, maxDailyLossUsd: 100, maxDrawdown: 0.2 },
  state,
  feeBasisPoints: 10,
  maxSignalAgeSeconds: 60,
};
const position = (quantity: number) => ({ ...state.position, quantity: new Exact(quantity) });

describe('assessRisk', () => {
  it('sizes a purchase by the confidence, within the room that the position limit leaves', () => {
    expect(assessRisk(question)).toMatchObject({ approved: true, side: 'buy', quantity: '5', value_usd: '500' });
    const partly = { ...question, state: { ...state, position: position(6) } };
    expect(assessRisk(partly)).toMatchObject({ approved: true, quantity: '2' });
  });

  it('sells the whole position', () => {
    const strategy = { ...question.strategy, action: 'SELL' as const };
    const answer = assessRisk({ ...question, strategy, state: { ...state, position: position(3.5) } });
    expect(answer).toMatchObject({ approved: true, side: 'sell', quantity: '3.5' });
  });

  it.each([
    ['NO_ACTION', { strategy: { ...question.strategy, action: 'WAIT' } }],
    ['STALE_SIGNAL', { signalAgeSeconds: 61 }],
    ['MAX_POSITION', { state: { ...state, position: position(10) } }],
    ['NO_CASH', { state: { ...state, cashUsd: new Exact('0.5') } }],
    ['NO_POSITION', { strategy: { ...question.strategy, action: 'SELL' } }],
    ['DAILY_LOSS', { state: { ...state, realisedTodayUsd: new Exact(-100) } }],
    ['DRAWDOWN', { state: { ...state, totalValueUsd: new Exact(80_000) } }],
    ['PIPELINE_DELETED', { state: { ...state, pipelineStatus: 'deleted' } }],
  ] as [string, Partial<RiskQuestion>][])('refuses with %s', (reason, change) => {
    expect(assessRisk({ ...question, ...change })).toMatchObject({ approved: false, reason });
  });

  it('accepts a signal of exactly the maximum age', () => {
    expect(assessRisk({ ...question, signalAgeSeconds: 60 }).approved).toBe(true);
  });

  it('never approves an order that the limits would refuse', () => {
    const amount = fc.integer({ min: 0, max: 1e12 }).map((units) => new Exact(units).div(1e8));
    const price = fc.integer({ min: 1, max: 1e9 }).map((units) => new Exact(units).div(1e4));
    fc.assert(
      fc.property(
        amount,
        amount,
        price,
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.boolean(),
        (cashUsd, quantity, at, confidence, buys) => {
          const strategy = { action: buys ? ('BUY' as const) : ('SELL' as const), confidence };
          const now = { ...state, cashUsd, position: { ...state.position, quantity } };
          const answer = assessRisk({ ...question, price: at, strategy, state: now });
          if (!answer.approved) return;
          const bought = new Exact(answer.quantity);
          const order = { side: answer.side, quantity: bought, price: at, feeUsd: computeFee(bought, at, 10) };
          expect(bought.gt(0)).toBe(true);
          expect(checkOrder(order, question.limits, now)).toBeUndefined();
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
