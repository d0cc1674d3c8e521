import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, findNearest, isWithin } from './find-nearest.ts';

describe('editDistance', () => {
  it.each([
    ['port', 'port', 0],
    ['prot', 'port', 1],
    ['ports', 'sport', 2],
    ['', 'port', 4],
    ['servces', 'services', 1],
  ])('from "%s" to "%s" and back: %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('isWithin', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 9 });

  it('agrees with the edit distance, for any two names and any limit', () => {
    fc.assert(
      fc.property(letters, letters, fc.nat(5), (a, b, limit) => {
        expect(isWithin(a, b, limit)).toBe(editDistance(a, b) <= limit);
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });
});

describe('findNearest', () => {
  const fields = ['name', 'port', 'path', 'selector'];

  it.each([
    ['prot', 'port'],
    ['Selektor', 'selector'],
    ['interval', undefined],
  ])('takes %s for %s', (name, meant) => {
    expect(findNearest(name, fields)).toBe(meant);
  });

  it('takes the nearest of several, the first of equals, and a continued name only if none is near', () => {
    expect(findNearest('abcdef', ['abcdxx', 'abcdex', 'abcdey'])).toBe('abcdex');
    expect(findNearest('ab', ['xyz', 'ab_cdefgh', 'ab_c'])).toBe('ab_cdefgh');
  });
});
