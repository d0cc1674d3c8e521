/**
 * Simulates the burn-rate alerts of one objective from its events per minute. The recording rules in Prometheus sum the
 * same events, but for long windows they sum counts per five minutes, so a real alert can fire up to five minutes later
 * than the simulated one. Pure.
 */
import { parseDurationSeconds } from '#base/duration.ts';
import { type ObjectiveAlertName, objectiveAlerts } from '#catalogue/objectives.ts';
import { reachableFactor } from '../../compile/objectives/burn-alerts.ts';
import type { Objective } from '../../compile/objectives/resolve-objective.ts';
import { type Firing, simulateAlert } from './simulate-alert.ts';

export const MINUTE_SECONDS = 60;

/** Event counts per minute, keyed by the end of the minute in unix seconds. A missing minute has no samples and counts as 0. */
interface EventCounts {
  readonly events: ReadonlyMap<number, number>;
  readonly badEvents: ReadonlyMap<number, number>;
}

export interface Budget {
  /** Share of the error budget that is left: 1 if no event was bad, 0 if the budget is spent, negative if it is overspent. */
  readonly remaining: number;
  readonly events: number;
  readonly badEvents: number;
}

/** Sums of events over any window that ends at one of `times`. The times must be one minute apart. */
export class EventSums {
  readonly #times: readonly number[];
  readonly #events: readonly number[];
  readonly #bad: readonly number[];

  constructor(times: readonly number[], { events, badEvents }: EventCounts) {
    this.#times = times;
    this.#events = addUp(times, events);
    this.#bad = addUp(times, badEvents);
  }

  /** @param end index into `times` of the minute with which the window ends */
  of(window: string, end: number): { events: number; bad: number } {
    const before = end + 1 - parseDurationSeconds(window) / MINUTE_SECONDS;
    const between = (sums: readonly number[]) => (sums[end + 1] ?? 0) - (sums[Math.max(0, before)] ?? 0);
    return { events: between(this.#events), bad: between(this.#bad) };
  }

  get times(): readonly number[] {
    return this.#times;
  }
}

/** Running sums: item i is the sum of the counts at all times before index i. */
function addUp(times: readonly number[], counts: ReadonlyMap<number, number>): number[] {
  const sums = [0];
  let sum = 0;
  for (const time of times) {
    sum += counts.get(time) ?? 0;
    sums.push(sum);
  }
  return sums;
}

export function simulateBurnAlert(name: ObjectiveAlertName, objective: Objective, sums: EventSums): Firing[] {
  const values = new Map<number, number>();
  for (const [end, time] of sums.times.entries()) {
    const burn = burnAt(name, objective, sums, end);
    if (burn !== undefined) values.set(time, burn);
  }
  return simulateAlert({ for: 0, keepFiringFor: 0 }, { times: sums.times, values });
}

/**
 * Among the window pairs in which both windows burn too fast, returns the largest burn rate of a long window. Returns
 * undefined if there is no such pair.
 */
function burnAt(
  name: ObjectiveAlertName,
  { target, alerting }: Objective,
  sums: EventSums,
  end: number,
): number | undefined {
  const burning = objectiveAlerts[name].windows.flatMap(({ long, short, factor }) => {
    const limit = reachableFactor(factor, target);
    const [slow, fast] = [sums.of(long, end), sums.of(short, end)];
    const rate = burnRate(slow, target);
    return slow.events >= alerting.minEvents && rate > limit && burnRate(fast, target) > limit ? [rate] : [];
  });
  return burning.length === 0 ? undefined : Math.max(...burning);
}

function burnRate({ events, bad }: { events: number; bad: number }, target: number): number {
  return events > 0 ? bad / events / (1 - target) : 0;
}

/** Returns the error budget at the last time. If there were no events, the whole budget is left. */
export function simulateBudget({ window, target }: Objective, sums: EventSums): Budget {
  const { events, bad } = sums.of(window, sums.times.length - 1);
  return { remaining: 1 - burnRate({ events, bad }, target), events, badEvents: bad };
}
