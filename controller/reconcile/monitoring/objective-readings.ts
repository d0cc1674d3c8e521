/** Where the objectives of all resources stand, by one query of what their recording rules made. Pure. */

import { alertLabels } from '#catalogue/alerts.ts';
import { objectiveSeries } from '#catalogue/objectives.ts';
import type { TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';

/** One series of an instant query. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value as text: NaN and Inf are possible. */
  readonly value: readonly [at: number, value: string];
}

type ObjectiveStatus = NonNullable<TradingPipelineStatus['objectives']>[number];
export type ObjectiveReading = Pick<ObjectiveStatus, 'current' | 'budgetRemaining' | 'burnRate'>;

/** By objectiveKey. */
export type ObjectiveReadings = ReadonlyMap<string, ObjectiveReading>;

export interface PromisedObjective {
  readonly name: string;
  /** Percent of events that must be good. */
  readonly target: number;
}

const { success, budgetRemaining, burnRate } = objectiveSeries;

/** What the status calls the burn rate is that of the last hour. */
export const objectivesQuery = `{__name__=~"${success}|${budgetRemaining}"} or ${burnRate}{window="1h"}`;

/** From ratios to figures for people: percent, rounded so that noise is not news. */
const figures: Readonly<Record<string, (value: number) => ObjectiveReading>> = {
  [success]: (value) => ({ current: round(value * 100, 3) }),
  [budgetRemaining]: (value) => ({ budgetRemaining: round(value * 100, 1) }),
  [burnRate]: (value) => ({ burnRate: round(value, 2) }),
};

export function indexObjectives(samples: readonly Sample[]): ObjectiveReadings {
  const readings = new Map<string, ObjectiveReading>();
  for (const { metric, value } of samples) {
    const { __name__ = '', [alertLabels.namespace]: namespace, [alertLabels.pipeline]: pipeline } = metric;
    const { [alertLabels.objective]: name } = metric;
    const number = Number(value[1]);
    if (!namespace || !pipeline || !name || !Number.isFinite(number)) continue;
    const key = objectiveKey(namespace, pipeline, name);
    readings.set(key, { ...readings.get(key), ...figures[__name__]?.(number) });
  }
  return readings;
}

export function objectiveKey(namespace: string, pipeline: string, objective: string): string {
  return `${namespace}/${pipeline}/${objective}`;
}

/** The least that is left of a budget, for people; undefined when none is known. */
export function worstBudget(objectives: readonly ObjectiveStatus[]): string | undefined {
  const known = objectives.flatMap((objective) => objective.budgetRemaining ?? []);
  return known.length === 0 ? undefined : `${Math.floor(Math.min(...known))}%`;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
