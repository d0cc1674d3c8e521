import { describe, expect, it } from 'vitest';
import { planRun } from './run-pipeline.ts';

describe('planRun', () => {
  const tickers = ['GOOG', 'EURUSD', 'GOOG'];

  it('plans every ticker once, or the one asked for', () => {
    expect(planRun({ status: 'active', tickers }, undefined)).toEqual({ tickers: ['GOOG', 'EURUSD'] });
    expect(planRun({ status: 'active', tickers }, 'EURUSD')).toEqual({ tickers: ['EURUSD'] });
  });

  it('refuses a ticker that the pipeline does not trade, and lists up to ten that it trades', () => {
    const many = Array.from({ length: 20 }, (_, index) => `T${index}`);
    expect(planRun({ status: 'active', tickers: many }, 'X')).toMatchObject({
      refused: 'invalid-request',
      errors: [{ path: 'ticker', message: expect.stringMatching(/trades T0, .*T9, …$/) }],
    });
  });

  it.each(['paused', 'deleted'] as const)('refuses a %s pipeline', (status) => {
    expect(planRun({ status, tickers }, undefined)).toEqual({ refused: `pipeline-${status}` });
  });
});
