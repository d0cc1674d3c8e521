/** Fills in target and indicator of an objective that has one of the catalogue's names. Pure. */
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

/** The indicator of each objective of the catalogue, if its resource sets none. */
const ownIndicators: Readonly<Record<ObjectiveName, IndicatorSpec>> = {
  'pipeline-success': { pipelineSuccess: {} },
  'pipeline-latency': { pipelineLatency: { below: '10s' } },
  'publish-success': { publishSuccess: {} },
  'api-availability': { apiAvailability: {} },
};

/** The schema lets only objectives with a name of the catalogue leave out target or indicator. */
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

/** Removes the rounding error of binary fractions: 1 - 0.999 becomes 0.001. */
export function exactly(value: number): number {
  return Number(value.toPrecision(12));
}
