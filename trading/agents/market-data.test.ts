import { describe, expect, it } from 'vitest';
import { ExecutionFailure } from '../executions/execution.ts';
import { buildMarketData } from './market-data.ts';

const bars = [1, 2].map((day) => ({ openTime: new Date(Date.UTC(2024, 0, day)), close: 100 + day }));

describe('buildMarketData', () => {
  it('takes the price of the signal', () => {
    expect(buildMarketData('1d', bars, { price: 1.07219 })).toMatchObject({
      price: '1.07219',
      price_from: 'signal',
      bars: 2,
      last_bar: '2024-01-02T00:00:00.000Z',
    });
  });

  it('takes the last close if the signal has no price, or there is no signal', () => {
    expect(buildMarketData('1d', bars, {})).toMatchObject({ price: '102', price_from: 'last_bar' });
    expect(buildMarketData('1d', bars, undefined)).toMatchObject({ price: '102', price_from: 'last_bar' });
  });

  it('fails without another attempt if there is no price', () => {
    expect(() => buildMarketData('1d', [], undefined)).toThrow(ExecutionFailure);
    expect(() => buildMarketData('1d', [], undefined)).toThrow(/^NO_PRICE: .*timeframe 1d/);
  });
});
