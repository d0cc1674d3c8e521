import { describe, expect, it } from 'vitest';
import { readSeldom } from './read-answers.ts';

/** Returns a function that readSeldom built around a read that takes `costMs`, and its simulated clock. */
function readerOf(costMs: number) {
  const world = { nowMs: 0, reads: 0, version: 'first' as string | undefined };
  const read = readSeldom({
    read: async () => {
      world.nowMs += costMs;
      world.reads += 1;
      return world.reads;
    },
    version: async () => world.version,
    now: () => world.nowMs,
  });
  return { world, read };
}

describe('readSeldom', () => {
  it('reads again after fifty times the duration of the last read', async () => {
    const { world, read } = readerOf(1_000);
    await read();
    world.nowMs += 49_000;
    expect(await read()).toBe(1);
    world.nowMs += 1_000;
    expect(await read()).toBe(2);
  });

  it('reads at once if the version has changed', async () => {
    const { world, read } = readerOf(1_000);
    await read();
    world.version = 'second';
    expect(await read()).toBe(2);
    expect(await read()).toBe(2);
  });

  it('reads again after at most two minutes, which is also the only trigger if the version is unknown', async () => {
    const { world, read } = readerOf(10_000);
    world.version = undefined;
    await read();
    expect(await read()).toBe(1);
    world.nowMs += 120_000;
    expect(await read()).toBe(2);
  });
});
