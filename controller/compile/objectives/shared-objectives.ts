/**
 * Builds the rules that count the events of all declared pipelines, grouped by `pipeline_id`, and sum them over windows. Each
 * resource adds only its error budget, whose labels name the pipeline and the indicator, and the rules that read the budget.
 * Pure.
 */
import { type Matchers, series } from '#base/promql/build-promql.ts';
import { type ObjectiveSeries, objectiveSeries, pipelineEventSeries } from '#catalogue/objectives.ts';
import { PART_OF } from '../../api/names.ts';
import type { RecordingRule, RuleGroup } from '../objects/rule-group.ts';
import { countByPipeline } from './count-events.ts';
import { type Objective, type SharedObjective, sharedObjectiveOf, sharedObjectives } from './resolve-objective.ts';
import { buildLongWindows, buildShortWindows, LONG_WINDOWS_INTERVAL, OBJECTIVES_INTERVAL } from './window-rules.ts';

/** Labels of the error budget of an objective whose events are counted here. */
export interface SharedCount {
  readonly pipeline_id: string;
  readonly indicator: SharedObjective;
}

/**
 * Returns the labels for an objective of a declared pipeline. Returns undefined if the resource declares no pipeline, or if the
 * shared rules do not count the events of the indicator.
 */
export function sharedCountOf({ indicator }: Objective, pipelineId: string | undefined): SharedCount | undefined {
  const shared = sharedObjectiveOf(indicator);
  return shared && pipelineId !== undefined ? { pipeline_id: pipelineId, indicator: shared } : undefined;
}

/** Names of the two rule groups. They contain no namespace, because one operator serves the whole cluster. */
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
 * Copies the counts of a pipeline to each objective of that pipeline. A budget to the power of 0 is 1, so the product is the
 * count, with the labels of the budget.
 */
function handOut(record: ObjectiveSeries, counts: ObjectiveSeries, all: Matchers): RecordingRule {
  const budgets = series(objectiveSeries.errorBudget, all);
  return { record, expr: `${counts}\n* on (pipeline_id, indicator) group_right ()\n${budgets} ^ 0` };
}
