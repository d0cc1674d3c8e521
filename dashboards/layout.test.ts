import { describe, expect, it } from 'vitest';
import type { Tile } from './kinds/tile.ts';
import { buildEqualLines, buildLine, placeSections } from './layout.ts';

const tile = (title: string): Tile => ({
  panel: { type: 'stat', title },
  asks: [{ promql: '', reads: ['batch_size'] }],
});
const tiles = (count: number) => Array.from({ length: count }, (_, index) => tile(`${index}`));
const widths = (count: number) =>
  buildEqualLines(4, tiles(count)).map((line) => line.columns.map((column) => column.width));

describe('buildEqualLines', () => {
  it('fills the grid, whatever the number of tiles', () => {
    expect(widths(4)).toEqual([[6, 6, 6, 6]]);
    expect(widths(5)).toEqual([[5, 5, 5, 5, 4]]);
    expect(widths(9)).toEqual([Array(8).fill(3), [24]]);
    for (let count = 1; count < 30; count += 1) {
      for (const line of widths(count)) expect(line.reduce((sum, width) => sum + width, 0)).toBe(24);
    }
  });
});

describe('placeSections', () => {
  const section = { title: 'row', lines: [buildLine(8, [tile('a'), 16], [[tile('b'), tile('c')], 8])] };
  const placed = placeSections([section, section], { variables: [], options: { services: [] } });

  it('counts ids from 1 and uses none twice', () => {
    expect(placed.map((panel) => panel.id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('stacks the tiles of a column, and the sections', () => {
    expect(placed.map(({ gridPos }) => gridPos)).toEqual([
      { x: 0, y: 0, w: 24, h: 1 },
      { x: 0, y: 1, w: 16, h: 8 },
      { x: 16, y: 1, w: 8, h: 4 },
      { x: 16, y: 5, w: 8, h: 4 },
      { x: 0, y: 9, w: 24, h: 1 },
      { x: 0, y: 10, w: 16, h: 8 },
      { x: 16, y: 10, w: 8, h: 4 },
      { x: 16, y: 14, w: 8, h: 4 },
    ]);
  });
});
