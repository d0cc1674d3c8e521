/**
 * What an objective counts. In: an indicator and where to look. Out: PromQL for all events of the last minute and for the bad
 * ones, or what is wrong with a user's own. Pure.
 */
import { type MetricName, metricDefinition } from '#catalogue/metrics.ts';
import {
  type ObjectiveDefinition,
  type ObjectiveName,
  objectiveDefinition,
  type Selector,
} from '#catalogue/objectives.ts';
import { type CustomIndicator, type IndicatorSpec, latencySeconds } from '../../api/objective-schema.ts';
import type { IsExternal } from '../check-names.ts';
import type { QueryProblem } from '../check-query.ts';
import { type Matchers, matchersText } from '../promql.ts';
import { countCustomEvents } from './custom-events.ts';
import { addUp, minuteGrowth } from './minute-growth.ts';

export interface EventScope {
  readonly namespace: string;
  /** Counts only this pipeline's events, where a metric has the label. */
  readonly pipelineId?: string;
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
  if (definition?.kind === 'latency') return countLatency(indicator, definition.histogram, scope);
  if (definition === undefined) throw new Error('an indicator without a kind got past the schema');
  return countSelectors(definition, scope);
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

type CountedIndicator = Exclude<ObjectiveDefinition['indicator'], { kind: 'latency' }>;

function countSelectors(indicator: CountedIndicator, scope: EventScope): EventCounts {
  const growth = (selector: Selector) => growthOf(`${selector.metric}${selector.suffix ?? ''}`, selector, scope);
  return {
    events: addUp(indicator.total.map(growth)),
    badEvents: indicator.kind === 'ratio' ? allBut(growth(indicator.good)) : orNone(growth(indicator.bad)),
  };
}

function countLatency({ pipelineLatency }: IndicatorSpec, metric: MetricName, scope: EventScope): EventCounts {
  const seconds = latencySeconds(pipelineLatency?.below ?? '10s');
  // Prometheus 3 writes le="10" as le="10.0".
  const le = Number.isInteger(seconds) ? `le=~"${seconds}(\\\\.0)?"` : `le="${seconds}"`;
  return {
    events: growthOf(`${metric}_count`, { metric }, scope),
    badEvents: allBut(growthOf(`${metric}_bucket`, { metric, matchers: le }, scope)),
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

function growthOf(series: string, { metric, matchers }: Selector, { namespace, pipelineId }: EventScope): string {
  const { emittedBy, labels = {} } = metricDefinition(metric);
  // The id is unique in the cluster: the platform may run in another namespace than the resource.
  const isNarrowed = pipelineId !== undefined && 'pipeline_id' in labels;
  const targets = matchersText({ job: emittedBy, ...(!isNarrowed && { namespace }) });
  const narrowed: Matchers = isNarrowed ? { pipeline_id: pipelineId } : {};
  const all = [targets, matchersText(narrowed), matchers ?? ''].filter((part) => part !== '');
  return minuteGrowth(`${series}{${all.join(',')}}`, targets);
}

/** No series of good events means none was good, where there were events at all. */
function allBut(good: string): EventCounts['badEvents'] {
  return (events) => `clamp_min(sum(${events}) - ${orZeroOf(good, events)}, 0)`;
}

function orNone(bad: string): EventCounts['badEvents'] {
  return (events) => orZeroOf(bad, events);
}

function orZeroOf(number: string, events: string): string {
  return `(${number}\nor\n0 * sum(${events}))`;
}
