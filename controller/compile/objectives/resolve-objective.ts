/** Finds the objective of the catalogue that a resource refers to, and the events that its indicator counts. Pure. */
import {
  type ObjectiveDefinition,
  type ObjectiveName,
  objectiveDefinition,
  objectiveNames,
  objectives,
} from '#catalogue/objectives.ts';
import { type IndicatorSpec, latencySeconds, type ObjectiveSpec } from '../../api/objective-schema.ts';

/** An objective whose target and indicator are filled in. */
export interface Objective {
  readonly name: string;
  /** Share of events that must be good, 0 to 1. */
  readonly target: number;
  readonly window: string;
  readonly indicator: IndicatorSpec;
  readonly alerting: ObjectiveSpec['alerting'];
}

/** The indicator of each objective of the catalogue, for resources that set no indicator. */
const indicators: Readonly<Record<ObjectiveName, IndicatorSpec>> = {
  'pipeline-success': { pipelineSuccess: {} },
  'pipeline-latency': { pipelineLatency: { below: `${objectives['pipeline-latency'].indicator.belowSeconds}s` } },
  'publish-success': { publishSuccess: {} },
  'api-availability': { apiAvailability: {} },
};

/**
 * Fills in the target and the indicator if the spec of an objective lacks them. The schema allows that only for
 * objectives of the catalogue.
 */
export function resolveObjective({ name, target, window, indicator, alerting }: ObjectiveSpec): Objective {
  const own = objectiveNames.find((known) => known === name);
  return {
    name,
    target: target === undefined ? (own ? objectiveDefinition(own).target : 1) : exactly(target / 100),
    window,
    indicator: indicator ?? (own ? indicators[own] : {}),
    alerting,
  };
}

/** Returns the objective of the catalogue with the same kind of indicator, or undefined for a custom indicator. */
export function platformObjective(indicator: IndicatorSpec): ObjectiveDefinition | undefined {
  const name = objectiveNames.find((one) => {
    const [kind] = Object.keys(indicators[one]) as [keyof IndicatorSpec];
    return indicator[kind] !== undefined;
  });
  return name && objectiveDefinition(name);
}

/** Returns the service to investigate first when the objective is at risk, or undefined for a custom indicator. */
export function serviceOf(indicator: IndicatorSpec): string | undefined {
  return platformObjective(indicator)?.service;
}

/** Objectives of the platform whose events the shared rules count for all declared pipelines together. */
export const sharedObjectives = ['pipeline-success', 'pipeline-latency'] as const satisfies readonly ObjectiveName[];
export type SharedObjective = (typeof sharedObjectives)[number];

/**
 * Returns the shared objective that counts the same events as this indicator, or undefined if there is none. A latency
 * indicator with another limit than the shared objective counts other events.
 */
function sharedObjectiveOf({ pipelineSuccess, pipelineLatency }: IndicatorSpec): SharedObjective | undefined {
  if (pipelineSuccess) return 'pipeline-success';
  const { belowSeconds } = objectives['pipeline-latency'].indicator;
  return pipelineLatency && latencySeconds(pipelineLatency.below) === belowSeconds ? 'pipeline-latency' : undefined;
}

/** Labels of an error budget whose events the shared rules count (objects/shared-rules.ts). */
export interface SharedCount {
  readonly pipeline_id: string;
  readonly indicator: SharedObjective;
}

/**
 * Returns the labels that connect an objective's error budget with the shared rules. Returns undefined if the resource
 * declares no pipeline (`pipelineId`), or if the shared rules do not count the events of the indicator.
 */
export function sharedCountOf({ indicator }: Objective, pipelineId: string | undefined): SharedCount | undefined {
  const shared = sharedObjectiveOf(indicator);
  return shared && pipelineId !== undefined ? { pipeline_id: pipelineId, indicator: shared } : undefined;
}

/** Removes the rounding error of binary fractions: 99.9 / 100 becomes 0.999. */
export function exactly(value: number): number {
  return Number(value.toPrecision(12));
}
