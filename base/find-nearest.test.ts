import { describe, expect, it } from 'vitest';
import { editDistance, findNearest } from './find-nearest.ts';

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

describe('findNearest', () => {
  const fields = ['name', 'port', 'path', 'selector'];

  it.each([
    ['prot', 'port'],
    ['Selektor', 'selector'],
    ['interval', undefined],
  ])('takes %s for %s', (name, meant) => {
    expect(findNearest(name, fields)).toBe(meant);
  });
});
