import { describe, expect, it } from 'vitest';
import { readScrape, sumSeries, valueOfSeries } from './scrape.ts';

const text = `# HELP orders_total Orders {x="y"} 7
# TYPE orders_total counter
orders_total{side="buy",status="filled"} 3
orders_total{side="sell",status="filled"} 4 # {trace_id="ab",span_id="cd"} 1 1700000000.000
orders_total_other 9
up 1
note{text="a \\"b\\" \\\\ } c"} 2.5e-3
latency_bucket{le="+Inf"} +Inf
# EOF
`;

describe('readScrape', () => {
  it('reads names, labels and values, and skips comments and exemplars', () => {
    expect(readScrape(text)).toEqual([
      { name: 'orders_total', labels: { side: 'buy', status: 'filled' }, value: 3 },
      { name: 'orders_total', labels: { side: 'sell', status: 'filled' }, value: 4 },
      { name: 'orders_total_other', labels: {}, value: 9 },
      { name: 'up', labels: {}, value: 1 },
      { name: 'note', labels: { text: 'a "b" \\ } c' }, value: 0.0025 },
      { name: 'latency_bucket', labels: { le: '+Inf' }, value: Number.POSITIVE_INFINITY },
    ]);
  });
});

describe('sumSeries', () => {
  it('sums the series with at least these labels', () => {
    expect(sumSeries(text, 'orders_total')).toBe(7);
    expect(sumSeries(text, 'orders_total', { side: 'sell' })).toBe(4);
    expect(sumSeries(text, 'orders_total{side="sell"}')).toBe(4);
    expect(sumSeries(text, 'orders_total', { side: 'hold' })).toBe(0);
  });
});

describe('valueOfSeries', () => {
  it('finds the series with exactly these labels', () => {
    expect(valueOfSeries(text, 'orders_total{status="filled",side="buy"}')).toBe(3);
    expect(valueOfSeries(text, 'orders_total{side="buy"}')).toBeUndefined();
    expect(valueOfSeries(text, 'up')).toBe(1);
    expect(valueOfSeries(text, 'down')).toBeUndefined();
  });
});
