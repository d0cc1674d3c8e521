import { describe, expect, it } from 'vitest';
import { type Contest, countRepair, FREE_REPAIRS, LONGEST_PAUSE_MS, pauseLeftMs } from './contest.ts';

/** Repairs an object as soon as it may be, for a time, and returns when it was repaired, in seconds. */
function fightFor(seconds: number): number[] {
  const repairs: number[] = [];
  let contest: Contest | undefined;
  for (let now = 0; now <= seconds * 1_000; now += 1_000) {
    if (pauseLeftMs(contest, now) > 0) continue;
    contest = countRepair(contest, now);
    repairs.push(now / 1_000);
  }
  return repairs;
}

describe('a fight over an object', () => {
  it('is repaired at once at first, then at growing intervals, then every five minutes', () => {
    expect(fightFor(1_500)).toEqual([0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67, 131, 259, 515, 815, 1_115, 1_415]);
  });

  it('does not delay a repair of another object', () => {
    expect(pauseLeftMs(undefined, 0)).toBe(0);
  });

  it('is forgotten a quarter of an hour after the last repair, but not within the longest pause', () => {
    const contest = { repairs: FREE_REPAIRS + 50, lastAtMs: 0 };
    expect(pauseLeftMs(contest, 1_000)).toBe(LONGEST_PAUSE_MS - 1_000);
    expect(countRepair(contest, LONGEST_PAUSE_MS).repairs).toBe(FREE_REPAIRS + 51);
    expect(countRepair(contest, 15 * 60_000 + 1)).toEqual({ repairs: 1, lastAtMs: 15 * 60_000 + 1 });
  });
});
