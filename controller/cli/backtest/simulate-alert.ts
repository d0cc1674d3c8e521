/**
 * What one alert would have done over a range. Pure. In: the moments at which its rule is evaluated, and the series its
 * expression answers at them. Out: when each series would have fired. As Prometheus does it: an alert is pending from the first
 * evaluation that answers it, fires once it has held for `for`, and one evaluation without it ends it.
 */
export interface SimulatedRule {
  /** Seconds. */
  readonly for: number;
  /** Seconds for which it goes on firing after its expression has stopped; 0 for none. */
  readonly keepFiringFor: number;
}

export interface Evaluations {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  /** Value of the expression by time; a time that is missing was not answered. */
  readonly values: ReadonlyMap<number, number>;
}

export interface Firing {
  /** When the expression first held. */
  readonly pendingSince: number;
  readonly from: number;
  /** The evaluation that ended it; absent where it still fires at the end of the range. */
  readonly to?: number;
  /** The expression's value that lies furthest from 0 while it fired. */
  readonly peak: number;
}

interface Active {
  readonly since: number;
  lastSeen: number;
  firesFrom?: number;
  peak: number;
}

export function simulateAlert(rule: SimulatedRule, { times, values }: Evaluations): Firing[] {
  const firings: Firing[] = [];
  let active: Active | undefined;
  for (const time of times) {
    const value = values.get(time);
    if (value !== undefined) active = advance(rule, active, time, value);
    else if (active && !isKept(rule, active, time)) {
      firings.push(...firingOf(active, time));
      active = undefined;
    }
  }
  return active ? [...firings, ...firingOf(active, undefined)] : firings;
}

function advance(rule: SimulatedRule, before: Active | undefined, time: number, value: number): Active {
  const active: Active = before ?? { since: time, lastSeen: time, peak: value };
  active.lastSeen = time;
  if (active.firesFrom === undefined && time - active.since >= rule.for) {
    active.firesFrom = time;
    active.peak = value;
  }
  if (Math.abs(value) > Math.abs(active.peak)) active.peak = value;
  return active;
}

function isKept({ keepFiringFor }: SimulatedRule, { firesFrom, lastSeen }: Active, time: number): boolean {
  return firesFrom !== undefined && time - lastSeen < keepFiringFor;
}

function firingOf({ since, firesFrom, peak }: Active, to: number | undefined): Firing[] {
  if (firesFrom === undefined) return [];
  return [{ pendingSince: since, from: firesFrom, ...(to !== undefined && { to }), peak }];
}
