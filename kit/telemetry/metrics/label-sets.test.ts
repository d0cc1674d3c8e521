import { describe, expect, it } from 'vitest';
import {
  DEFAULT_LABEL_SETS,
  knownLabelSets,
  type MetricName,
  metricDefinition,
  metricNames,
} from '#catalogue/metrics.ts';
import { type LabelBudget, LabelSets } from './label-sets.ts';
import type { Labels } from './label-tree.ts';

/** Creates the label sets of a metric with the default budget. The cell of a label set is the label set itself. */
function createSets(name: MetricName, budget: Partial<LabelBudget> = {}): LabelSets<Labels> {
  const standard = { labelSets: DEFAULT_LABEL_SETS, declaredPipelines: new Set<string>(), onOverflow: () => undefined };
  return new LabelSets(name, { ...standard, ...budget }, (labels) => labels);
}

describe('LabelSets', () => {
  const executions = (pipeline_id: string, status = 'success') => ({ status, pipeline_id });

  it('gives equal labels the same cell', () => {
    const sets = createSets('pipeline_execution_duration_seconds');
    expect(sets.cellOf(executions('a'))).toBe(sets.cellOf({ pipeline_id: 'a', status: 'success' }));
    expect(sets.cellOf(executions('a'))).not.toBe(sets.cellOf(executions('b')));
  });

  it.each(metricNames)('limits %s to its budget for any labels', (name) => {
    const sets = createSets(name);
    const { labels = {}, labelSets = DEFAULT_LABEL_SETS } = metricDefinition(name);
    sets.addKnown();
    for (let index = 0; index < 10_000; index += 1) {
      const pick = (values: readonly string[]) => values[index % values.length] ?? '';
      const given = Object.entries(labels).map(([label, values]) => [
        label,
        'open' in values ? `${label}-${index}` : pick(values),
      ]);
      sets.cellOf(Object.fromEntries(given));
    }
    const closed = Object.values(labels).reduce((all, values) => all * ('open' in values ? 1 : values.length), 1);
    expect(sets.cells.length).toBeLessThanOrEqual(Math.max(labelSets, knownLabelSets(name).length) + closed);
  });

  it('has room for the failures of a pipeline that has a series for successes, although the budget is used up', () => {
    const sets = createSets('pipeline_execution_duration_seconds');
    sets.cellOf(executions('first'));
    for (let index = 0; index < 10_000; index += 1) sets.cellOf(executions(`p-${index}`));
    expect(sets.cellOf(executions('first', 'failed'))).toEqual(executions('first', 'failed'));
    expect(sets.cellOf(executions('late', 'failed'))).toEqual(executions('other', 'failed'));
  });

  it('replaces the values of open labels only by other', () => {
    const sets = createSets('trading_bot_trades_total', { labelSets: 4 });
    sets.cellOf({ bot_id: 'a', symbol: 'GOOG', side: 'buy', status: 'filled' });
    const late = { bot_id: 'b', symbol: 'GOOG', side: 'sell', status: 'rejected' };
    expect(sets.cellOf(late)).toEqual({ bot_id: 'other', symbol: 'other', side: 'sell', status: 'rejected' });
  });

  it('keeps series for declared pipelines beyond the budget, and stops when they are no longer declared', () => {
    const declaredPipelines = new Set<string>();
    const sets = createSets('trading_bot_pnl_usd', { labelSets: 1, declaredPipelines });
    const late = { bot_id: 'desk.alpha', symbol: 'GOOG' };
    sets.cellOf({ bot_id: 'first', symbol: 'GOOG' });
    expect(sets.cellOf(late)).toMatchObject({ bot_id: 'other' });
    declaredPipelines.add('desk.alpha');
    expect(sets.cellOf(late)).toEqual(late);
    expect(sets.cellOf({ ...late, symbol: 'BTCUSDT' })).toMatchObject({ bot_id: 'desk.alpha' });
    declaredPipelines.clear();
    sets.clear();
    sets.cellOf({ bot_id: 'second', symbol: 'GOOG' });
    expect(sets.cellOf(late)).toMatchObject({ bot_id: 'other' });
  });

  it('reports each look-up that goes to other, with its metric', () => {
    const told: string[] = [];
    const budget = { labelSets: 2, onOverflow: (name: string) => told.push(name) };
    const sets = createSets('pipelines_matched_total', budget);
    for (const ticker of ['A', 'B', 'C', 'A', 'C']) sets.cellOf({ ticker });
    expect(told).toEqual(['pipelines_matched_total', 'pipelines_matched_total']);
  });
});
