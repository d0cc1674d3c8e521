import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Batcher } from './batcher.ts';

describe('Batcher', () => {
  it('handles a full batch at once and the rest after the wait', async () => {
    const batches: number[][] = [];
    const batcher = new Batcher<number>(3, 20, async (batch) => void batches.push(batch));
    await Promise.all([1, 2, 3, 4].map((item) => batcher.add(item)));
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  it('handles one batch at a time, in order', async () => {
    const events: string[] = [];
    const batcher = new Batcher<number>(1, 10, async ([item]) => {
      events.push(`begin ${item}`);
      await sleep(5);
      events.push(`end ${item}`);
    });
    await Promise.all([batcher.add(1), batcher.add(2)]);
    expect(events).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('fails all items behind a failed batch, and works again afterwards', async () => {
    const handled: number[] = [];
    let broken = true;
    const batcher = new Batcher<number>(2, 1_000, async (batch) => {
      await sleep(1);
      if (broken) throw new Error('database away');
      handled.push(...batch);
    });
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    expect(results.map((result) => result.status)).toEqual(Array(5).fill('rejected'));
    broken = false;
    await Promise.all([batcher.add(6), batcher.add(7)]);
    expect(handled).toEqual([6, 7]);
  });

  it('handles the gathered items and refuses new ones when it stops', async () => {
    const handled: number[] = [];
    const batcher = new Batcher<number>(10, 60_000, async (batch) => void handled.push(...batch));
    const first = batcher.add(1);
    await batcher.stop();
    await first;
    expect(handled).toEqual([1]);
    await expect(batcher.add(2)).rejects.toThrow('has stopped');
  });
});
