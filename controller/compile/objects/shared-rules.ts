/**
 * Builds the recording rules that serve all TradingPipelines together. They are installed with the operator: no resource owns
 * them, and the operator never writes them. Pure.
 */
import { printMatchers, series } from '#base/promql/build-promql.ts';
import { minuteGrowth } from '#base/promql/count-growth.ts';
import { metricDefinition } from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import { objectiveSeries } from '#catalogue/objectives.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { labels, PART_OF } from '../../api/names.ts';
import { resources } from '../../api/resources.ts';
import { buildSharedObjectiveGroups } from '../objectives/shared-objectives.ts';
import { groupsOf, type Rule, type RuleGroup } from './rule-group.ts';

/** The names of the two PrometheusRules. */
export const PIPELINE_OBJECTIVES = 'pipeline-objectives';
const DASHBOARD_COUNTS = 'dashboard-counts';

export const DASHBOARD_COUNTS_GROUP = `${PART_OF}.${DASHBOARD_COUNTS}`;

/** Each recorded count covers one minute, so the group is evaluated once a minute. */
const COUNTS_INTERVAL = '1m';
/**
 * Two operators that share a Prometheus install these rules twice, and Prometheus evaluates the two groups at different times
 * of the minute. The later group finds a sample younger than this and records nothing.
 */
const LESS_THAN_INTERVAL = '45s';

export function buildSharedRules(namespace: string): KubeObject[] {
  const { apiVersion, kind } = resources.prometheusRule;
  const build = (name: string, groups: readonly RuleGroup[]): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace, labels: { [labels.partOf]: PART_OF } },
    spec: { groups },
  });
  return [build(PIPELINE_OBJECTIVES, buildSharedObjectiveGroups()), build(DASHBOARD_COUNTS, [buildDashboardCounts()])];
}

/** Builds the rules that record, every minute, the counts that dashboards sum over long windows. */
export function buildDashboardCounts(): RuleGroup {
  const rules = minuteCountList.map(({ counted, metric, record, labels }) => {
    const targets = { job: metricDefinition(metric).emittedBy };
    const growth = minuteGrowth(series(counted, targets), printMatchers(targets), labels);
    return { record, expr: `${growth}\nunless last_over_time(${record}[${LESS_THAN_INTERVAL}])` };
  });
  return { name: DASHBOARD_COUNTS_GROUP, interval: COUNTS_INTERVAL, rules };
}

/**
 * Returns whether one of these objects contains objectives that need the shared rules to count their events. Dashboards do not
 * need the shared rules: without them, only the totals on dashboards are missing.
 */
export function needSharedRules(objects: readonly KubeObject[]): boolean {
  return objects.some((object) => groupsOf(object).some(({ rules }) => rules.some(isSharedBudget)));
}

/** Checks the name of the series too, because users may set the label `indicator` on their own alerts. */
function isSharedBudget(rule: Rule): boolean {
  return 'record' in rule && rule.record === objectiveSeries.errorBudget && rule.labels?.indicator !== undefined;
}
