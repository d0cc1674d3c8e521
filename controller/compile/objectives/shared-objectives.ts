/**
 * The rules that count the events of all declared pipelines at once, by `pipeline_id`, and sum them over windows. Each resource adds
 * only its error budget, whose labels name pipeline and indicator, and the rules that read it. Pure.
 */
import { type Matchers, series } from '#base/promql/build-promql.ts';
import { type ObjectiveSeries, objectiveSeries, pipelineEventSeries } from '#catalogue/objectives.ts';
import { PART_OF } from '../../api/names.ts';
import type { RecordingRule, RuleGroup } from '../objects/rule-group.ts';
import { countByPipeline } from './count-events.ts';
import { type Objective, type SharedObjective, sharedObjectiveOf, sharedObjectives } from './resolve-objective.ts';
import { buildLongWindows, buildShortWindows, LONG_WINDOWS_INTERVAL, OBJECTIVES_INTERVAL } from './window-rules.ts';

/** Labels of an error budget whose events are counted here. */
export interface SharedCount {
  readonly pipeline_id: string;
  readonly indicator: SharedObjective;
}

/** Returns undefined if the resource has no pipeline, or if the objective counts events in its own way. */
export function sharedCountOf({ indicator }: Objective, pipelineId: string | undefined): SharedCount | undefined {
  const shared = sharedObjectiveOf(indicator);
  return shared && pipelineId !== undefined ? { pipeline_id: pipelineId, indicator: shared } : undefined;
}

/** Without a namespace in the names: one operator serves the whole cluster. */
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

/** Gives a pipeline's counts to each objective on it. A budget to the power of 0 is 1, so the product is the count. */
function handOut(record: ObjectiveSeries, counts: ObjectiveSeries, all: Matchers): RecordingRule {
  const budgets = series(objectiveSeries.errorBudget, all);
  return { record, expr: `${counts}\n* on (pipeline_id, indicator) group_right ()\n${budgets} ^ 0` };
}
