/**
 * What many pipelines share: the platform's own indicators of all declared pipelines, counted once, by `pipeline_id`, and summed
 * once for all. A resource adds its budget, whose series names pipeline and indicator, its promise and its alerts. Pure.
 */
import { type ObjectiveSeries, objectiveSeries, pipelineEventSeries } from '#catalogue/objectives.ts';
import { PART_OF } from '../../api/names.ts';
import type { RecordingRule, RuleGroup } from '../objects/rule-group.ts';
import { type Matchers, series } from '../promql/promql.ts';
import { countByPipeline, type SharedObjective, sharedObjectiveOf, sharedObjectives } from './count-events.ts';
import type { Objective } from './resolve-objective.ts';
import { buildLongWindows, buildShortWindows, LONG_WINDOWS_INTERVAL, OBJECTIVES_INTERVAL } from './window-rules.ts';

/** What the budget of an objective says when its events are counted here. */
export interface SharedCount {
  readonly pipeline_id: string;
  readonly indicator: SharedObjective;
}

export function sharedCountOf({ indicator }: Objective, pipelineId: string | undefined): SharedCount | undefined {
  const shared = sharedObjectiveOf(indicator);
  return shared && pipelineId !== undefined ? { pipeline_id: pipelineId, indicator: shared } : undefined;
}

/** Names that say nothing of a namespace: one operator serves the cluster. */
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

/** The counts of a pipeline to each objective that is about it; a budget to the power of 0 is 1. */
function handOut(record: ObjectiveSeries, counts: ObjectiveSeries, all: Matchers): RecordingRule {
  const budgets = series(objectiveSeries.errorBudget, all);
  return { record, expr: `${counts}\n* on (pipeline_id, indicator) group_right ()\n${budgets} ^ 0` };
}
