/**
 * What an objective counts. In: an indicator and where to look. Out: PromQL for all events of the last minute and for the bad
 * ones, or what is wrong with a user's own. Pure.
 */
import { type MetricName, metricDefinition } from '#catalogue/metrics.ts';
import {
  type ObjectiveDefinition,
  type ObjectiveName,
  objectiveDefinition,
  objectives,
  type Selector,
} from '#catalogue/objectives.ts';
import { type CustomIndicator, type IndicatorSpec, latencySeconds } from '../../api/objective-schema.ts';
import type { IsExternal } from '../promql/check-names.ts';
import type { QueryProblem } from '../promql/check-query.ts';
import { matchersText, sum } from '../promql/promql.ts';
import { countCustomEvents } from './custom-events.ts';
import { addUp, minuteGrowth } from './minute-growth.ts';

/** Which of a metric's series count. */
interface CounterScope {
  /** All when absent. */
  readonly namespace?: string;
  /** Only this pipeline's events, where a metric has the label. */
  readonly pipelineId?: string | undefined;
  /** Labels to count by; all together when absent. */
  readonly by?: readonly string[];
}

export interface EventScope extends CounterScope {
  readonly namespace: string;
  readonly isExternal: IsExternal;
}

export interface EventCounts {
  readonly events: string;
  /** From the recorded number of all events, by name. */
  readonly badEvents: (events: string) => string;
}
export type CountResult = EventCounts | { readonly problem: QueryProblem; readonly field: 'total' | 'good' | 'bad' };

/** The indicators that come with the platform, by the objective that the catalogue defines them for. */
const platformIndicators = {
  pipelineSuccess: 'pipeline-success',
  pipelineLatency: 'pipeline-latency',
  publishSuccess: 'publish-success',
  apiAvailability: 'api-availability',
} as const satisfies Partial<Record<keyof IndicatorSpec, ObjectiveName>>;

export function countEvents(indicator: IndicatorSpec, scope: EventScope): CountResult {
  if (indicator.custom) return countCustom(indicator.custom, scope);
  const definition = platformObjective(indicator)?.indicator;
  if (definition === undefined) throw new Error('an indicator without a kind got past the schema');
  const { below } = indicator.pipelineLatency ?? {};
  return countPlatform(definition, scope, below === undefined ? undefined : latencySeconds(below));
}

/** The objectives of the platform that are counted once for all declared pipelines. */
export const sharedObjectives = ['pipeline-success', 'pipeline-latency'] as const satisfies readonly ObjectiveName[];
export type SharedObjective = (typeof sharedObjectives)[number];

/** Which of them counts the same events as this indicator does; none when it has a latency of its own. */
export function sharedObjectiveOf(indicator: IndicatorSpec): SharedObjective | undefined {
  const { pipelineSuccess, pipelineLatency } = indicator;
  if (pipelineSuccess) return 'pipeline-success';
  const { belowSeconds } = objectives['pipeline-latency'].indicator;
  return pipelineLatency && latencySeconds(pipelineLatency.below) === belowSeconds ? 'pipeline-latency' : undefined;
}

/** The events of every pipeline, by pipeline_id. */
export function countByPipeline(name: SharedObjective): EventCounts {
  return countPlatform(objectiveDefinition(name).indicator, { by: ['pipeline_id'] });
}

/** The service to look at first; a user's own indicator has none that we know. */
export function serviceOf(indicator: IndicatorSpec): string | undefined {
  return platformObjective(indicator)?.service;
}

function platformObjective(indicator: IndicatorSpec): ObjectiveDefinition | undefined {
  const kinds = Object.keys(platformIndicators) as (keyof typeof platformIndicators)[];
  const kind = kinds.find((one) => indicator[one] !== undefined);
  return kind && objectiveDefinition(platformIndicators[kind]);
}

function countPlatform(
  indicator: ObjectiveDefinition['indicator'],
  scope: CounterScope,
  below = indicator.kind === 'latency' ? indicator.belowSeconds : 0,
): EventCounts {
  const { by = [] } = scope;
  const growth = (selector: Selector) => growthOf(`${selector.metric}${selector.suffix ?? ''}`, selector, scope);
  if (indicator.kind === 'latency') return countLatency(indicator.histogram, below, scope);
  return {
    events: addUp(indicator.total.map(growth)),
    badEvents: indicator.kind === 'ratio' ? allBut(growth(indicator.good), by) : orNone(growth(indicator.bad)),
  };
}

function countLatency(metric: MetricName, below: number, scope: CounterScope): EventCounts {
  // Prometheus 3 writes le="10" as le="10.0".
  const le = Number.isInteger(below) ? `le=~"${below}(\\\\.0)?"` : `le="${below}"`;
  return {
    events: growthOf(`${metric}_count`, { metric }, scope),
    badEvents: allBut(growthOf(`${metric}_bucket`, { metric, matchers: le }, scope), scope.by),
  };
}

function countCustom({ total, good, bad }: CustomIndicator, { isExternal }: EventScope): CountResult {
  const events = countCustomEvents(total, isExternal);
  if ('problem' in events) return { ...events, field: 'total' };
  const field = good === undefined ? 'bad' : 'good';
  const part = countCustomEvents(good ?? bad ?? '', isExternal);
  if ('problem' in part) return { ...part, field };
  return { events: events.expr, badEvents: field === 'good' ? allBut(part.expr) : orNone(part.expr) };
}

function growthOf(series: string, { metric, matchers }: Selector, { namespace, pipelineId, by }: CounterScope): string {
  const { emittedBy, labels = {} } = metricDefinition(metric);
  // The id is unique in the cluster: the platform may run in another namespace than the resource.
  const id = pipelineId !== undefined && 'pipeline_id' in labels ? { pipeline_id: pipelineId } : undefined;
  const targets = matchersText({ job: emittedBy, ...(namespace !== undefined && !id && { namespace }) });
  const all = [targets, matchersText(id ?? {}), matchers ?? ''].filter((part) => part !== '');
  return minuteGrowth(`${series}{${all.join(',')}}`, targets, by);
}

/** No series of good events means none was good, where there were events at all. */
function allBut(good: string, by?: readonly string[]): EventCounts['badEvents'] {
  return (events) => `clamp_min(${sum(events, by)} - ${orZeroOf(good, events, by)}, 0)`;
}

function orNone(bad: string): EventCounts['badEvents'] {
  return (events) => orZeroOf(bad, events);
}

function orZeroOf(number: string, events: string, by?: readonly string[]): string {
  return `(${number}\nor\n0 * ${sum(events, by)})`;
}
