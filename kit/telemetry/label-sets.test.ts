import { describe, expect, it } from 'vitest';
import { metricDefinition, metricNames } from '#catalogue/metrics.ts';
import { DEFAULT_BUDGET, LabelSets } from './label-sets.ts';

describe('LabelSets', () => {
  const executions = (pipeline_id: string, status = 'success') => ({ status, pipeline_id });

  it('gives equal labels the same object', () => {
    const sets = new LabelSets('pipeline_execution_duration_seconds');
    expect(sets.bound(executions('a'))).toBe(sets.bound({ pipeline_id: 'a', status: 'success' }));
    expect(sets.bound(executions('a'))).not.toBe(sets.bound(executions('b')));
  });

  it.each(metricNames)('bounds %s to its budget, whatever comes', (name) => {
    const sets = new LabelSets(name);
    const { labels = {}, labelSets = DEFAULT_BUDGET.labelSets } = metricDefinition(name);
    const seen = new Set(sets.known);
    for (let index = 0; index < 10_000; index += 1) {
      const pick = (values: readonly string[]) => values[index % values.length] ?? '';
      const given = Object.entries(labels).map(([label, values]) => [
        label,
        'open' in values ? `${label}-${index}` : pick(values),
      ]);
      seen.add(sets.bound(Object.fromEntries(given)));
    }
    const closed = Object.values(labels).reduce((all, values) => all * ('open' in values ? 1 : values.length), 1);
    expect(seen.size).toBeLessThanOrEqual(Math.max(labelSets, sets.known.length) + closed);
  });

  it('keeps the failures of a pipeline beside its successes, however many came in between', () => {
    const sets = new LabelSets('pipeline_execution_duration_seconds');
    sets.bound(executions('first'));
    for (let index = 0; index < 10_000; index += 1) sets.bound(executions(`p-${index}`));
    expect(sets.bound(executions('first', 'failed'))).toEqual(executions('first', 'failed'));
    expect(sets.bound(executions('late', 'failed'))).toEqual(executions('other', 'failed'));
  });

  it('puts other into open labels only', () => {
    const sets = new LabelSets('trading_bot_trades_total', { ...DEFAULT_BUDGET, labelSets: 4 });
    sets.bound({ bot_id: 'a', symbol: 'GOOG', side: 'buy', status: 'filled' });
    const late = { bot_id: 'b', symbol: 'GOOG', side: 'sell', status: 'rejected' };
    expect(sets.bound(late)).toEqual({ bot_id: 'other', symbol: 'other', side: 'sell', status: 'rejected' });
  });

  it('always keeps the series of a declared pipeline, and lets it go when it is declared no more', () => {
    const declaredPipelines = new Set<string>();
    const sets = new LabelSets('trading_bot_pnl_usd', { ...DEFAULT_BUDGET, labelSets: 1, declaredPipelines });
    const late = { bot_id: 'desk.alpha', symbol: 'GOOG' };
    sets.bound({ bot_id: 'first', symbol: 'GOOG' });
    expect(sets.bound(late)).toMatchObject({ bot_id: 'other' });
    declaredPipelines.add('desk.alpha');
    expect(sets.bound(late)).toEqual(late);
    expect(sets.bound({ ...late, symbol: 'BTCUSDT' })).toMatchObject({ bot_id: 'desk.alpha' });
    declaredPipelines.clear();
    sets.forget();
    sets.bound({ bot_id: 'second', symbol: 'GOOG' });
    expect(sets.bound(late)).toMatchObject({ bot_id: 'other' });
  });

  it('tells of each observation that goes to other, with its metric', () => {
    const told: string[] = [];
    const budget = { ...DEFAULT_BUDGET, labelSets: 2, onOverflow: (name: string) => told.push(name) };
    const sets = new LabelSets('pipelines_matched_total', budget);
    for (const ticker of ['A', 'B', 'C', 'A', 'C']) sets.bound({ ticker });
    expect(told).toEqual(['pipelines_matched_total', 'pipelines_matched_total']);
  });
});
