import { describe, expect, it } from 'vitest';
import { costOfTokens, findModelPrice, maxCostOfCall } from './model-cost.ts';

const price = { inputUsd: '0.15', outputUsd: '0.6' };

describe('the cost of tokens', () => {
  it('is exact where floating point is not', () => {
    expect(costOfTokens({ input: 1, output: 0 }, price).toString()).toBe('0.00000015');
    expect(costOfTokens({ input: 1_234_567, output: 89 }, price).toString()).toBe('0.18523845');
    expect(costOfTokens({ input: 3, output: 1 }, { inputUsd: '0.1', outputUsd: '0.2' }).toString()).toBe('0.0000005');
  });

  it('is at most the cost of one input token for each byte of the request, and of all output tokens that are allowed', () => {
    const most = costOfTokens({ input: 6, output: 100 }, price);
    expect(maxCostOfCall('€uro', 100, price).toString()).toBe(most.toString());
  });
});

describe('the price of a model', () => {
  it('is found by its name, and by the name of a dated version', () => {
    expect(findModelPrice('gpt-5-mini')).toEqual({ inputUsd: '0.25', outputUsd: '2' });
    expect(findModelPrice('gpt-5-mini-2025-08-07')).toEqual(findModelPrice('gpt-5-mini'));
    expect(findModelPrice('claude-haiku-4-5-20251001')).toEqual(findModelPrice('claude-haiku-4-5'));
  });

  it('is undefined for an unknown model', () => {
    expect(findModelPrice('gpt-5-minimum')).toBeUndefined();
    expect(findModelPrice('toString')).toBeUndefined();
  });
});
