import { describe, expect, it } from 'vitest';
import { simulateAlert } from './simulate-alert.ts';

const times = Array.from({ length: 11 }, (_, index) => index * 60);

function simulate(forSeconds: number, held: readonly number[], keepFiringFor = 0) {
  const values = new Map(held.map((minute) => [minute * 60, minute]));
  return simulateAlert({ for: forSeconds, keepFiringFor }, { times, values });
}

describe('simulateAlert', () => {
  it('without for, fires at once and ends with the first evaluation that returns nothing', () => {
    expect(simulate(0, [2, 3])).toEqual([{ pendingSince: 120, from: 120, to: 240, peak: 3 }]);
  });

  it('stays silent one step before for has passed, and fires at the step when it has', () => {
    expect(simulate(120, [1, 2])).toEqual([]);
    expect(simulate(120, [1, 2, 3])).toEqual([{ pendingSince: 60, from: 180, to: 240, peak: 3 }]);
  });

  it('starts over after one evaluation that returns nothing', () => {
    expect(simulate(120, [1, 2, 4, 5])).toEqual([]);
  });

  it('reports each interval of firing separately', () => {
    expect(simulate(60, [0, 1, 5, 6]).map(({ from, to }) => [from, to])).toEqual([
      [60, 120],
      [360, 420],
    ]);
  });

  it('has no end if it still fires at the end of the range', () => {
    expect(simulate(60, [9, 10])).toEqual([{ pendingSince: 540, from: 600, peak: 10 }]);
  });

  it('keeps firing for keep_firing_for after the expression stops', () => {
    expect(simulate(0, [1], 120)).toEqual([{ pendingSince: 60, from: 60, to: 180, peak: 1 }]);
    expect(simulate(0, [1, 3], 180)).toEqual([{ pendingSince: 60, from: 60, to: 360, peak: 3 }]);
  });

  it('does not apply keep_firing_for to an alert that never fired', () => {
    expect(simulate(120, [1, 2, 4], 300)).toEqual([]);
  });
});
