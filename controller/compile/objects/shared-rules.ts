/**
 * Builds the recording rules that serve all TradingPipelines together. These rules count the events of every declared
 * pipeline, grouped by `pipeline_id`, and record the numbers that dashboards sum over long windows. A TradingPipeline
 * with a declared pipeline adds only its error budget, whose labels name the pipeline and the indicator, and the rules
 * that read the budget. The shared rules are installed with the operator: no TradingPipeline owns them, and the
 * operator never writes them. Pure.
 */
import { type Matchers, printMatchers, series } from '#base/promql/build-promql.ts';
import { minuteGrowth } from '#base/promql/count-growth.ts';
import { metricDefinition } from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import { type ObjectiveSeries, objectiveSeries, pipelineEventSeries } from '#catalogue/objectives.ts';
import { type KubeObject, resources } from '../../api/kube-object.ts';
import { labels, PART_OF } from '../../api/names.ts';
import { countByPipeline } from '../objectives/count-events.ts';
import { type SharedObjective, sharedObjectives } from '../objectives/resolve-objective.ts';
import {
  buildLongWindows,
  buildShortWindows,
  LONG_WINDOWS_INTERVAL,
  OBJECTIVES_INTERVAL,
} from '../objectives/window-rules.ts';
import { groupsOf, type RecordingRule, type Rule, type RuleGroup } from './generated-object.ts';

/** The names of the two PrometheusRules that contain the shared rules. */
export const PIPELINE_OBJECTIVES = 'pipeline-objectives';
const DASHBOARD_COUNTS = 'dashboard-counts';

export const DASHBOARD_COUNTS_GROUP = `${PART_OF}.${DASHBOARD_COUNTS}`;

/** How often the counts for dashboards are recorded: once a minute, because each count covers one minute. */
const COUNTS_INTERVAL = '1m';
/**
 * Two operators that share a Prometheus install the same rules twice, and Prometheus evaluates the two groups at
 * different times of the minute. The later group finds a sample that is younger than this duration, and records
 * nothing.
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

/**
 * Names of the two rule groups for shared objectives. The names contain no namespace, because one operator serves the
 * whole cluster.
 */
export const sharedGroupNames = ['objectives', 'objectives-long'].map((area) => `${PART_OF}.pipeline-${area}`);

export function buildSharedObjectiveGroups(): RuleGroup[] {
  const all: Matchers = { indicator: sharedObjectives };
  const rules = [
    ...sharedObjectives.flatMap(countEach),
    handOut(objectiveSeries.events, pipelineEventSeries.events, all),
    handOut(objectiveSeries.badEvents, pipelineEventSeries.badEvents, all),
    ...buildShortWindows(all),
  ];
  const [name = '', longName = ''] = sharedGroupNames;
  return [
    { name, interval: OBJECTIVES_INTERVAL, rules },
    { name: longName, interval: LONG_WINDOWS_INTERVAL, rules: buildLongWindows(all) },
  ];
}

function countEach(indicator: SharedObjective): RecordingRule[] {
  const counts = countByPipeline(indicator);
  const labels = { indicator };
  return [
    { record: pipelineEventSeries.events, expr: counts.events, labels },
    {
      record: pipelineEventSeries.badEvents,
      expr: counts.badEvents(series(pipelineEventSeries.events, labels)),
      labels,
    },
  ];
}

/**
 * Copies the counts of a pipeline to each objective of that pipeline. An error budget to the power of 0 is 1, so a
 * count times that power is the count, with the labels of the budget.
 */
function handOut(record: ObjectiveSeries, counts: ObjectiveSeries, all: Matchers): RecordingRule {
  const budgets = series(objectiveSeries.errorBudget, all);
  return { record, expr: `${counts}\n* on (pipeline_id, indicator) group_right ()\n${budgets} ^ 0` };
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

/**
 * Returns whether a rule records the error budget of a shared objective. The label `indicator` alone does not tell,
 * because users may set this label on their own alerts.
 */
function isSharedBudget(rule: Rule): boolean {
  return 'record' in rule && rule.record === objectiveSeries.errorBudget && rule.labels?.indicator !== undefined;
}
