import { describe, expect, it } from 'vitest';
import { selectedMetrics } from './promql-tree.ts';

describe('selectedMetrics', () => {
  it('finds each name once, and no function, label or aggregation', () => {
    const expr = 'sum by (job) (rate(a_total{b="c"}[5m])) / on (job) (a_total or up offset 5m) > bool level:d:sum';
    expect(selectedMetrics(expr)).toEqual(['a_total', 'up', 'level:d:sum']);
  });

  it('finds none where a selector has no name', () => {
    expect(selectedMetrics('{job="backend"}')).toEqual([]);
  });
});
