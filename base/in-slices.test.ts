import { describe, expect, it } from 'vitest';
import { inSlices } from './in-slices.ts';

const ITEMS = 20;
const WORK_MS = 3;

function work(): void {
  const until = performance.now() + WORK_MS;
  while (performance.now() < until);
}

describe('inSlices', () => {
  it('yields every item in order, and lets the event loop run between long ones', async () => {
    let turns = 0;
    let isOver = false;
    const takeTurns = () => {
      turns += 1;
      if (!isOver) setImmediate(takeTurns);
    };
    setImmediate(takeTurns);
    const seen: number[] = [];
    for await (const item of inSlices(Array.from({ length: ITEMS }, (_, index) => index))) {
      work();
      seen.push(item);
    }
    isOver = true;
    expect(seen).toEqual(Array.from({ length: ITEMS }, (_, index) => index));
    // Two items of 3 ms fill a slice of 5 ms, so the event loop runs after every second item.
    expect(turns).toBeGreaterThanOrEqual(ITEMS / 2 - 1);
  });
});
