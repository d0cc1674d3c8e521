/** The rules that record what dashboards read over long windows, once for all resources. Pure. */

import { metricDefinition } from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import { PART_OF } from '../../api/names.ts';
import { minuteGrowth } from '../objectives/minute-growth.ts';
import { matchersText } from '../promql/promql.ts';
import type { RuleGroup } from './rule-group.ts';

/** The name of the object that has them. */
export const DASHBOARD_COUNTS = 'dashboard-counts';
export const DASHBOARD_COUNTS_GROUP = `${PART_OF}.${DASHBOARD_COUNTS}`;

/** A count is of a minute: the group runs as often. */
const INTERVAL = '1m';
/** Two operators before one Prometheus bring these rules twice, at two times of the minute: whoever comes second records nothing. */
const LESS_THAN_INTERVAL = '45s';

export function buildDashboardCounts(): RuleGroup {
  const rules = minuteCountList.map(({ counted, metric, record, labels }) => {
    const targets = matchersText({ job: metricDefinition(metric).emittedBy });
    const growth = minuteGrowth(`${counted}{${targets}}`, targets, labels);
    return { record, expr: `${growth}\nunless last_over_time(${record}[${LESS_THAN_INTERVAL}])` };
  });
  return { name: DASHBOARD_COUNTS_GROUP, interval: INTERVAL, rules };
}
