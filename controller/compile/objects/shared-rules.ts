import { objectiveSeries } from '#catalogue/objectives.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { labels, PART_OF } from '../../api/names.ts';
import { resources } from '../../api/resources.ts';
import { buildSharedObjectiveGroups } from '../objectives/shared-objectives.ts';
import { buildDashboardCounts, DASHBOARD_COUNTS } from './dashboard-counts.ts';
import { groupsOf, type Rule, type RuleGroup } from './rule-group.ts';

/** The name of the object that has those of objectives. */
export const PIPELINE_OBJECTIVES = 'pipeline-objectives';

/**
 * What is recorded once for all TradingPipelines. Installed with the operator, like what watches it: no resource owns it, and
 * the operator never writes it. Pure.
 */
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

/** Whether one of these objects has objectives that count nothing without the shared rules; dashboards without them lack only their totals. */
export function needSharedRules(objects: readonly KubeObject[]): boolean {
  return objects.some((object) => groupsOf(object).some(({ rules }) => rules.some(isSharedBudget)));
}

/** A label of that name alone says nothing: users give their alerts what labels they like. */
function isSharedBudget(rule: Rule): boolean {
  return 'record' in rule && rule.record === objectiveSeries.errorBudget && rule.labels?.indicator !== undefined;
}
