import { describe, expect, it } from 'vitest';
import { createPace } from './pace.ts';

describe('createPace', () => {
  it('has the first round due at the start and the next after each interval', () => {
    const pace = createPace(1_000, 10);
    expect([999, 1_000, 1_099, 1_100, 2_000].map(pace.dueBy)).toEqual([0, 1, 1, 2, 11]);
    expect([0, 1, 10].map(pace.dueAt)).toEqual([1_000, 1_100, 2_000]);
  });

  it('can be slower than one a second and as fast as asked', () => {
    expect(createPace(0, 0.1).dueBy(20_000)).toBe(3);
    expect(createPace(0, 1_000).dueBy(1_000)).toBe(1_001);
  });
});
