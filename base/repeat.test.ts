import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { repeat, startLoop } from './repeat.ts';

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

describe('repeat', () => {
  it('runs the work one at a time, also after a failure, until it is stopped', async () => {
    let [calls, running, mostAtOnce] = [0, 0, 0];
    const third = Promise.withResolvers<void>();
    const repetition = repeat('count', 1, log, async () => {
      calls += 1;
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await sleep(2);
      running -= 1;
      if (calls === 1) throw new Error('away');
      if (calls === 3) third.resolve();
    });
    await third.promise;
    await repetition.stop();
    expect(log.warn.mock.calls.map(([{ what }]) => what)).toEqual(['count']);
    const after = calls;
    await sleep(10);
    expect([calls, mostAtOnce, running]).toEqual([after, 1, 0]);
  });

  it('waits for hanging work, but no longer than the grace period', async () => {
    const repetition = repeat('hang', 1, log, () => new Promise(() => undefined));
    const began = performance.now();
    await repetition.stop(20);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('startLoop', () => {
  it('starts the next iteration at once when the loop is woken, in a pause or before it', async () => {
    let rounds = 0;
    let endRound = Promise.withResolvers<void>();
    const loop = startLoop(async () => {
      rounds += 1;
      await endRound.promise;
      return 60_000;
    });
    loop.wake();
    endRound.resolve();
    await vi.waitFor(() => expect(rounds).toBe(2));
    endRound = Promise.withResolvers<void>();
    endRound.resolve();
    loop.wake();
    await vi.waitFor(() => expect(rounds).toBe(3));
    await loop.stop();
    expect(rounds).toBe(3);
  });

  it('aborts the signal of the running iteration when the loop stops', async () => {
    const seen: unknown[] = [];
    const loop = startLoop(async (abort) => {
      await new Promise((resolve) => abort.addEventListener('abort', resolve));
      seen.push(abort.reason);
      return 0;
    });
    await loop.stop();
    expect(seen).toHaveLength(1);
  });
});
