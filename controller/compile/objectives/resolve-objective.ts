/** An objective with everything filled in that a well-known name leaves out. Pure. */
import { type ObjectiveName, objectiveDefinition, objectiveNames } from '#catalogue/objectives.ts';
import type { IndicatorSpec, ObjectiveSpec } from '../../api/objective-schema.ts';

export interface Objective {
  readonly name: string;
  /** Share of events that must be good, 0 to 1. */
  readonly target: number;
  readonly window: string;
  readonly indicator: IndicatorSpec;
  readonly alerting: ObjectiveSpec['alerting'];
}

/** What each well-known objective counts when its resource does not say. */
const ownIndicators: Readonly<Record<ObjectiveName, IndicatorSpec>> = {
  'pipeline-success': { pipelineSuccess: {} },
  'pipeline-latency': { pipelineLatency: { below: '10s' } },
  'publish-success': { publishSuccess: {} },
  'api-availability': { apiAvailability: {} },
};

/** The schema has made sure that only a well-known objective leaves its target or its indicator out. */
export function resolveObjective({ name, target, window, indicator, alerting }: ObjectiveSpec): Objective {
  const own = objectiveNames.find((known) => known === name);
  return {
    name,
    target: target === undefined ? (own ? objectiveDefinition(own).target : 1) : exactly(target / 100),
    window,
    indicator: indicator ?? (own ? ownIndicators[own] : {}),
    alerting,
  };
}

/** Without what binary fractions leave behind: 99.9 % is a budget of 0.001. */
export function exactly(value: number): number {
  return Number(value.toPrecision(12));
}
