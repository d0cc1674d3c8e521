import { describe, expect, it } from 'vitest';
import { readSeldom } from './read-seldom.ts';

/** Something whose reading takes `costMs`, and a clock that it moves. */
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
  it('reads again after fifty times what it took', async () => {
    const { world, read } = readerOf(1_000);
    await read();
    world.nowMs += 49_000;
    expect(await read()).toBe(1);
    world.nowMs += 1_000;
    expect(await read()).toBe(2);
  });

  it('reads at once what has another version', async () => {
    const { world, read } = readerOf(1_000);
    await read();
    world.version = 'second';
    expect(await read()).toBe(2);
    expect(await read()).toBe(2);
  });

  it('never waits longer than two minutes, and goes by the time alone where nobody knows the version', async () => {
    const { world, read } = readerOf(10_000);
    world.version = undefined;
    await read();
    expect(await read()).toBe(1);
    world.nowMs += 120_000;
    expect(await read()).toBe(2);
  });
});
