import { describe, expect, it, vi } from 'vitest';
import { createBackoff, keepTrying } from './keep-trying.ts';

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

describe('createBackoff', () => {
  it('waits longer after each failure, and starts over after a reset', () => {
    const backoff = createBackoff(100, 300, () => 1);
    const delays = [backoff.nextDelay(), backoff.nextDelay(), backoff.nextDelay()];
    backoff.reset();
    expect([...delays, backoff.nextDelay()]).toEqual([100, 200, 300, 100]);
  });
});

describe('keepTrying', () => {
  it('tries until the work succeeds, returns its result and logs each failure', async () => {
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 3) throw new Error('away');
      return 'here';
    };
    expect(await keepTrying('reach it', work, { log, signal: new AbortController().signal })).toBe('here');
    expect(tries).toBe(3);
    expect(log.warn.mock.calls.map(([fields]) => fields)).toEqual(
      Array(2).fill({ what: 'reach it', error: new Error('away') }),
    );
  });

  it('gives up when it is aborted in the middle of a wait', async () => {
    const stopping = new AbortController();
    const trying = keepTrying('reach it', () => Promise.reject(new Error('away')), { log, signal: stopping.signal });
    setTimeout(() => stopping.abort(new Error('told to stop')), 20);
    await expect(trying).rejects.toThrow('told to stop');
  });
});
