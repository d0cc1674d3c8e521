/** Our set of rules: the shared rules, and the rules compiled from many TradingPipelines with two objectives each. */
import { parseDurationSeconds } from '#base/duration.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import { objectiveSeries, objectives, pipelineEventSeries } from '#catalogue/objectives.ts';
import { parseTradingPipelineSpec } from '#controller/api/trading-pipeline.ts';
import { compile } from '#controller/compile/compile.ts';
import { groupsOf, type RuleGroup } from '#controller/compile/objects/generated-object.ts';
import { buildSharedObjectiveGroups } from '#controller/compile/objects/shared-rules.ts';
import { type BenchGroup, EVALUATION_SECONDS, pipelineIdOf, type Recording, type RuleSet } from './rule-set.ts';

const names = ['pipeline-success', 'pipeline-latency'] as const;
const COUNT_SECONDS = 60;
const LONG_COUNT_SECONDS = 300;

export function buildOwnRules(pipelines: number): RuleSet {
  const indices = Array.from({ length: pipelines }, (_, index) => index);
  return {
    name: 'trading-platform',
    groups: [...buildSharedObjectiveGroups().map(toBenchGroup), ...indices.flatMap(compileGroups)],
    recordings: indices.flatMap((index) =>
      names.flatMap((name) => [...listRecordings(index, name), countOf(index, name)]),
    ),
  };
}

function compileGroups(index: number): BenchGroup[] {
  const pipeline = { trigger: { mode: 'manual' }, tickers: ['GOOG'] };
  const parsed = parseTradingPipelineSpec({ pipeline, objectives: names.map((name) => ({ name })) });
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  const owner = { namespace: 'desk', name: `tp-${index}`, uid: `uid-${index}` };
  return compile({ owner, spec: parsed.spec }).objects.flatMap((object) => groupsOf(object).map(toBenchGroup));
}

function toBenchGroup({ interval, rules }: RuleGroup): BenchGroup {
  return { interval: interval === undefined ? EVALUATION_SECONDS : parseDurationSeconds(interval), rules };
}

function listRecordings(index: number, objective: (typeof names)[number]): Recording[] {
  const labels = {
    [alertLabels.namespace]: 'desk',
    [alertLabels.pipeline]: `tp-${index}`,
    [alertLabels.objective]: objective,
    ...sharedLabels(index, objective),
  };
  const { target, window } = objectives[objective];
  const count = (name: string, step: number, value: number) => ({ name, labels, step, value });
  const last = (name: string, value: number, more: object = {}): Recording => ({
    ...{ name, value, step: EVALUATION_SECONDS, isLast: true },
    labels: { ...labels, ...more },
  });
  return [
    count(objectiveSeries.events, COUNT_SECONDS, 4),
    count(objectiveSeries.badEvents, COUNT_SECONDS, 1),
    count(objectiveSeries.events5m, LONG_COUNT_SECONDS, 20),
    count(objectiveSeries.badEvents5m, LONG_COUNT_SECONDS, 5),
    last(objectiveSeries.errorBudget, 1 - target),
    ...['5m', '30m', '1h', '2h', '6h', '1d', '3d'].map((of) => last(objectiveSeries.burnRate, 5, { window: of })),
    last(objectiveSeries.success, 0.75, { window }),
    last(objectiveSeries.budgetRemaining, -4, { window }),
  ];
}

/**
 * Returns the recording of all events that an objective of a pipeline counts. The shared rules record it once per
 * pipeline and indicator, however many objectives use the indicator.
 */
function countOf(index: number, objective: (typeof names)[number]): Recording {
  const labels = sharedLabels(index, objective);
  return { name: pipelineEventSeries.events, labels, step: COUNT_SECONDS, value: 4, isLast: true };
}

function sharedLabels(index: number, indicator: (typeof names)[number]) {
  return { pipeline_id: pipelineIdOf(index), indicator };
}
