import { afterAll, beforeAll, expect, it } from 'vitest';
import { series } from '#base/promql/build-promql.ts';
import { openPromtool, type Promtool } from './promtool.ts';

/** Values that would end a string, a line, a selector or a regular expression if they were not escaped. */
const hostile = [
  ...['"', "'", '`', '\\', '\\\\', '\n', '\r', '\t', '"} or vector(1) #', 'a\\"b', '$cluster', '{{ $value }}', '🙂'],
  ...['.', '.*', 'a|b', '^a$', '(x)+?', '[a-z]', 'a{2}', '\\d', '\\Q.*\\E'],
];

let promtool: Promtool;
beforeAll(async () => {
  promtool = await openPromtool('hostile-values');
});
afterAll(() => promtool.remove());

/** One series for each hostile value, and one with a harmless value that no selector of a hostile value may match. */
const input = [...hostile, 'innocent'].map((value, index) => ({
  series: `x{value=${JSON.stringify(value)},index="${index}"}`,
  values: '1',
}));

function expectOnly(expr: string, indexes: readonly number[]) {
  const found = indexes.map((index) => ({ labels: `{index="${index}"}`, value: 1 }));
  return { expr: `sum by (index) (${expr})`, eval_time: '0m', exp_samples: found };
}

it('Prometheus selects exactly the series of a hostile value, by equality and within a list', async () => {
  const tests = [
    {
      interval: '1m',
      input_series: input,
      promql_expr_test: hostile.flatMap((value, index) => [
        expectOnly(series('x', { value }), [index]),
        expectOnly(series('x', { value: [value, 'nobody'] }), [index]),
      ]),
    },
  ];
  const files = { 'rules.yaml': { groups: [] }, 'test.yaml': { rule_files: ['rules.yaml'], tests } };
  const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], files);
  expect(output).toContain('SUCCESS');
  expect(ok).toBe(true);
});
