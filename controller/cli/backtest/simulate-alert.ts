/**
 * Simulates one alert for one series. Takes the times at which the rule is evaluated and the value of the series at each time;
 * returns the intervals in which the alert would have fired. As in Prometheus, the alert is pending from the first evaluation
 * that returns the series, fires once it has been pending for `for`, and ends with the first evaluation that does not return
 * the series. Pure.
 */
interface SimulatedRule {
  /** Seconds for which the alert must be pending before it fires. */
  readonly for: number;
  /** Seconds that the alert keeps firing after the expression stops returning the series; 0 if the rule sets none. */
  readonly keepFiringFor: number;
}

interface Evaluations {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  /**
   * Values of the series, keyed by the time of the evaluation in unix seconds. A missing time means that this
   * evaluation did not return the series.
   */
  readonly values: ReadonlyMap<number, number>;
}

export interface Firing {
  /** Unix seconds of the first evaluation that returned the series. */
  readonly pendingSince: number;
  readonly from: number;
  /** Unix seconds of the evaluation that ended the alert. Absent if the alert still fires at the end of the range. */
  readonly to?: number;
  /** The value with the largest distance from 0 while the alert fired. */
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
