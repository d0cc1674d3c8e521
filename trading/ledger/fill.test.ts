import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exact } from '../money.ts';
import type { OrderSide } from '../orders/order.ts';
import { applyFill, type Balance, computeFee } from './fill.ts';

const empty = (cash: string): Balance => ({
  cashUsd: new Exact(cash),
  quantity: new Exact(0),
  averagePrice: new Exact(0),
  realisedPnlUsd: new Exact(0),
});
const order = (side: OrderSide, quantity: string, price: string, fee: string) => ({
  side,
  quantity: new Exact(quantity),
  price: new Exact(price),
  feeUsd: new Exact(fee),
});

describe('applyFill', () => {
  it('takes value and fee of a purchase from the cash, and counts the fee as cost', () => {
    const { after, realisedPnlUsd } = applyFill(empty('1000'), order('buy', '3', '0.1', '0.0003'));
    expect(after.cashUsd.toString()).toBe('999.6997');
    expect(after.quantity.toString()).toBe('3');
    expect(after.averagePrice.toString()).toBe('0.1001');
    expect(realisedPnlUsd.toString()).toBe('0');
  });

  it('averages the cost of two purchases', () => {
    const first = applyFill(empty('1000'), order('buy', '1', '100', '0')).after;
    const second = applyFill(first, order('buy', '3', '200', '0')).after;
    expect(second.averagePrice.toString()).toBe('175');
  });

  it('realises the proceeds of a sale, less fee and cost', () => {
    const held = applyFill(empty('1000'), order('buy', '2', '100', '0.2')).after;
    const { after, realisedPnlUsd } = applyFill(held, order('sell', '2', '110', '0.22'));
    expect(realisedPnlUsd.toString()).toBe('19.58');
    expect(after.cashUsd.toString()).toBe('1019.58');
    expect(after.quantity.toString()).toBe('0');
    expect(after.averagePrice.toString()).toBe('0');
    expect(after.realisedPnlUsd.toString()).toBe('19.58');
  });

  it('keeps cash plus cost of the position equal to initial cash plus realised profit, after any fills', () => {
    const step = fc.record({
      buy: fc.boolean(),
      units: fc.integer({ min: 1, max: 1e9 }),
      cents: fc.integer({ min: 1, max: 1e7 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let holding = empty('1000000000');
        for (const { buy, units, cents } of steps) {
          const quantity = Exact.min(new Exact(units).div(1e8), buy ? Infinity : holding.quantity);
          if (quantity.isZero()) continue;
          const price = new Exact(cents).div(100);
          const feeUsd = computeFee(quantity, price, 10);
          holding = applyFill(holding, { side: buy ? 'buy' : 'sell', quantity, price, feeUsd }).after;
        }
        const worth = holding.cashUsd.add(holding.quantity.mul(holding.averagePrice));
        const expected = new Exact('1000000000').add(holding.realisedPnlUsd);
        expect(worth.sub(expected).abs().lt('1e-12')).toBe(true);
      }),
    );
  });
});

describe('computeFee', () => {
  it('is the given number of basis points of the value, rounded up to 8 digits', () => {
    expect(computeFee(new Exact('0.00000001'), new Exact('3'), 10).toString()).toBe('0.00000001');
    expect(computeFee(new Exact('2'), new Exact('150'), 10).toString()).toBe('0.3');
  });
});
