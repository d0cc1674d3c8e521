import { describe, expect, it } from 'vitest';
import type { Broker, OrderIntent, OrderReport } from '../orders/broker.ts';
import { reportStatuses } from '../orders/order.ts';
import type { RiskResult } from './risk-manager.ts';
import { manageTrade, tradeResultSchema } from './trade-manager.ts';

const limits = { maxPositionUsd: 1_000, maxDailyLossUsd: 100, maxDrawdown: 0.2 };
const subject = { executionId: 'e', pipelineId: 'p', symbol: 'GOOG', limits };
const approved: RiskResult = {
  approved: true,
  side: 'buy',
  quantity: '4',
  price: '50',
  value_usd: '200',
  reasoning: 'r',
};

/**
 * Returns a broker that reports each order as filled, with the fields of `change` replaced, and the list of the orders
 * placed with this broker.
 */
function brokerWith(change: Partial<OrderReport>) {
  const placed: OrderIntent[] = [];
  const broker: Broker = {
    mode: 'paper',
    async placeOrder(intent) {
      placed.push(intent);
      const { pipelineId, symbol, side, quantity, price } = intent;
      const order = { clientOrderId: 'tp-1', pipelineId, symbol, side, quantity, price };
      return { ...order, status: 'filled', filledQuantity: '0', feeUsd: '0', realisedPnlUsd: '0', ...change };
    },
    onReport: () => undefined,
  };
  return { broker, placed };
}

describe('manageTrade', () => {
  it('places no order that the risk manager refused, and returns the reason', async () => {
    const { broker, placed } = brokerWith({});
    const refused: RiskResult = { approved: false, reason: 'NO_CASH', reasoning: 'poor' };
    expect(await manageTrade(broker, subject, refused)).toEqual({
      ordered: false,
      reason: 'NO_CASH',
      reasoning: 'no order: poor',
    });
    expect(placed).toEqual([]);
  });

  it('places the approved order with the limits, and returns the fill', async () => {
    const { broker, placed } = brokerWith({ filledQuantity: '4', averagePrice: '50', feeUsd: '0.2' });
    expect(await manageTrade(broker, subject, approved)).toEqual({
      ordered: true,
      mode: 'paper',
      client_order_id: 'tp-1',
      status: 'filled',
      side: 'buy',
      quantity: '4',
      price: '50',
      fee_usd: '0.2',
      realised_pnl_usd: '0',
      reasoning: 'paper buy 4 at 50, fee 0.2 USD',
    });
    expect(placed).toEqual([{ ...subject, side: 'buy', quantity: '4', price: '50' }]);
  });

  it('returns the reason of a rejection', async () => {
    const { broker } = brokerWith({ status: 'rejected', reason: 'DRAWDOWN' });
    expect(await manageTrade(broker, subject, approved)).toMatchObject({
      ordered: false,
      reason: 'DRAWDOWN',
      client_order_id: 'tp-1',
    });
  });

  it('fails on a rejection without a reason', async () => {
    const { broker } = brokerWith({ status: 'rejected' });
    await expect(manageTrade(broker, subject, approved)).rejects.toThrow('tp-1 was rejected without a reason');
  });

  it.each([
    ['accepted', {}, { quantity: '4', price: '50' }, 'later fills'],
    ['partially_filled', { filledQuantity: '1', averagePrice: '49' }, { quantity: '1', price: '49' }, '1 of 4 filled'],
    ['cancelled', { filledQuantity: '3', averagePrice: '51' }, { quantity: '3', price: '51' }, '3 of 4 filled'],
    ['expired', {}, { quantity: '4', price: '50' }, '0 of 4 filled'],
  ] as const)('says that an order is %s, and how much of it is filled', async (status, change, traded, reasoning) => {
    const { broker } = brokerWith({ status, ...change });
    const result = await manageTrade(broker, subject, approved);
    expect(result).toMatchObject({ ordered: true, status, ...traded, reasoning: expect.stringContaining(reasoning) });
  });

  it.each(reportStatuses)(
    'returns for an order that is %s a result that can be stored and parsed again',
    async (status) => {
      const { broker } = brokerWith({ status, ...(status === 'rejected' && { reason: 'NO_CASH' as const }) });
      const result = await manageTrade(broker, subject, approved);
      expect(tradeResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    },
  );

  it('treats a stored result without a status, from an earlier version, as filled', () => {
    const order = { mode: 'paper', client_order_id: 'c', side: 'buy', quantity: '1', price: '2' };
    const stored = { ordered: true, ...order, fee_usd: '0', realised_pnl_usd: '0', reasoning: 'r' };
    expect(tradeResultSchema.parse(stored)).toMatchObject({ status: 'filled' });
  });
});
