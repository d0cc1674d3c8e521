import { describe, expect, it } from 'vitest';
import { LastPrices } from './last-prices.ts';

const bar = (symbol: string, day: number, close: number) => ({
  symbol,
  openTime: new Date(Date.UTC(2020, 0, day)),
  close,
});

describe('LastPrices', () => {
  it('returns the close of the newest bar, in whatever order bars arrive', () => {
    const prices = new LastPrices();
    prices.offer([bar('A', 2, 20), bar('A', 1, 10), bar('B', 1, 5)]);
    prices.offer([bar('A', 1, 11)]);
    expect([prices.of('A')?.toString(), prices.of('B')?.toString(), prices.of('C')]).toEqual(['20', '5', undefined]);
    prices.offer([bar('A', 3, 30)]);
    expect(prices.of('A')?.toString()).toBe('30');
  });
});
