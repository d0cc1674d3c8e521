import { expect, it } from 'vitest';
import { resources } from '../../api/kube-object.ts';
import { checkDashboardCounts } from './check-rules.ts';

const { apiVersion, kind } = resources.configMap;
const dashboard = { apiVersion, kind, metadata: { namespace: 'desk', name: 'tp.dashboard-overview' } };
const verdict = (desired: readonly (typeof dashboard)[], names: readonly string[]) =>
  checkDashboardCounts({ desired }, { groups: { value: names.map((name) => ({ name, file: '', rules: [] })) } });

it('reports missing rules for dashboard totals, but only if there are dashboards', () => {
  expect(verdict([dashboard], ['desk.tp.services'])).toMatchObject([{ case: 'noData', verdict: 'wrong' }]);
  expect(verdict([dashboard], ['trading-platform.dashboard-counts'])).toMatchObject([
    { case: 'noData', verdict: 'ok' },
  ]);
  expect(verdict([], [])).toEqual([]);
});
