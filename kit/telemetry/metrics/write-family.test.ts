import { describe, expect, it } from 'vitest';
import type { ExpositionFormat } from './negotiate-format.ts';
import { renderFamilies } from './render-families.ts';
import { type Family, writeFamily } from './write-family.ts';

const write = (family: Family, format: ExpositionFormat) => [...writeFamily(family, format)].join('');

const counter: Family = {
  name: 'orders_total',
  help: 'Orders, "all".',
  type: 'counter',
  samples: [{ labels: { symbol: 'A"\\\nB' }, value: 3 }],
};
const exemplar = { value: 0.3, traceId: 'abc', spanId: 'def', time: 1_700_000_000.5 };
const histogram: Family = {
  name: 'wait_seconds',
  help: 'Waiting.',
  type: 'histogram',
  samples: [{ labels: {}, sum: 5.3, count: 3, bounds: [0.5, 10], counts: [1, 1, 1], exemplars: [exemplar] }],
};

describe('writeFamily', () => {
  it('writes a counter, in OpenMetrics under a name without _total', () => {
    expect(write(counter, 'text')).toBe(
      '# HELP orders_total Orders, "all".\n# TYPE orders_total counter\norders_total{symbol="A\\"\\\\\\nB"} 3\n',
    );
    expect(write(counter, 'openmetrics')).toBe(
      '# HELP orders Orders, \\"all\\".\n# TYPE orders counter\norders_total{symbol="A\\"\\\\\\nB"} 3\n',
    );
  });

  it('writes a histogram cumulatively, with exemplars in OpenMetrics only', () => {
    const lines = (first: string) =>
      `# HELP wait_seconds Waiting.\n# TYPE wait_seconds histogram\nwait_seconds_count 3\nwait_seconds_sum 5.3\n` +
      `wait_seconds_bucket{le="0.5"} 1${first}\nwait_seconds_bucket{le="10"} 2\nwait_seconds_bucket{le="+Inf"} 3\n`;
    expect(write(histogram, 'text')).toBe(lines(''));
    expect(write(histogram, 'openmetrics')).toBe(lines(' # {trace_id="abc",span_id="def"} 0.3 1700000000.500'));
  });

  it('writes NaN and infinities as Prometheus reads them', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-7];
    const samples = values.map((value) => ({ labels: {}, value }));
    const lines = write({ ...counter, type: 'gauge', samples }, 'text')
      .split('\n')
      .slice(2, -1);
    expect(lines).toEqual(['NaN', '+Inf', '-Inf', '1e-7'].map((value) => `orders_total ${value}`));
  });
});

describe('renderFamilies', () => {
  it('ends OpenMetrics, and only OpenMetrics, with EOF', async () => {
    expect(await renderFamilies([counter], 'openmetrics')).toMatch(/\n# EOF\n$/);
    expect(await renderFamilies([counter], 'text')).not.toContain('EOF');
  });

  it('lets the event loop run while it writes a long scrape', async () => {
    const samples = Array.from({ length: 50_000 }, (_, index) => ({ labels: { index: String(index) }, value: index }));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    const text = await renderFamilies([{ ...counter, samples }], 'text');
    clearInterval(timer);
    expect(text.split('\n')).toHaveLength(50_003);
    expect(turns).toBeGreaterThan(2);
  });
});
