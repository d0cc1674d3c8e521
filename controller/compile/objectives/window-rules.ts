/**
 * From counts of events to what is said of a window: how fast the budget burns, and what is left of it. Pure. Matchers say which
 * objectives the rules are of: those of a resource, or all that are counted together.
 *
 * Every window is a sum of counts, good and bad alike, so that an hour with many events weighs more than an hour with few: ratios
 * are never averaged. Where nothing happened, a ratio is absent, never NaN.
 */

import { formatCompoundDuration, parseDurationSeconds } from '#base/duration.ts';
import { type ObjectiveSeries, objectiveAlertNames, objectiveAlerts, objectiveSeries } from '#catalogue/objectives.ts';
import type { RecordingRule } from '../objects/rule-group.ts';
import { type Matchers, series } from '../promql/promql.ts';

/** How often counts are taken: what `increase1m` means. */
export const OBJECTIVES_INTERVAL = '1m';
const INTERVAL_SECONDS = 60;

/**
 * How often the rules of long windows run: their counts change every five minutes. Less often than that, and a series would have
 * no sample within the five minutes that Prometheus looks back.
 */
export const LONG_WINDOWS_INTERVAL = '4m';

/** Up to here windows are summed minute by minute; longer ones from counts of five minutes. */
const LONGEST_BY_MINUTE_SECONDS = 6 * 3_600;

export function isLong(window: string): boolean {
  return lengthOf(window).seconds > LONGEST_BY_MINUTE_SECONDS;
}

interface WindowLength {
  readonly seconds: number;
  /** A second short of it, as a range of PromQL. */
  readonly range: string;
}

/** Windows are few, and each is asked for again and again. */
const lengths = new Map<string, WindowLength>();

function lengthOf(window: string): WindowLength {
  const known = lengths.get(window);
  if (known) return known;
  const seconds = parseDurationSeconds(window);
  const length = { seconds, range: formatCompoundDuration(seconds - 1) };
  lengths.set(window, length);
  return length;
}

/** What to sum over a window of that length to have its events. */
export function countsFor(window: string): { readonly events: ObjectiveSeries; readonly badEvents: ObjectiveSeries } {
  if (!isLong(window)) return objectiveSeries;
  return { events: objectiveSeries.events5m, badEvents: objectiveSeries.badEvents5m };
}

/**
 * The sum of recorded counts over a window. A second short of it: the samples are whole minutes apart, and Prometheus 2 would
 * take the one at the far end, too.
 */
export function sumOver(counts: string, window: string): string {
  return `sum_over_time(${counts}[${lengthOf(window).range}])`;
}

const burnWindows = [
  ...new Set(
    objectiveAlertNames.flatMap((name) => objectiveAlerts[name].windows.flatMap(({ long, short }) => [short, long])),
  ),
];

/** The counts that long windows are made of, and how fast the budget burns over short ones. */
export function buildShortWindows(of: Matchers): RecordingRule[] {
  return [
    everyFiveMinutes(objectiveSeries.events5m, series(objectiveSeries.events, of)),
    everyFiveMinutes(objectiveSeries.badEvents5m, series(objectiveSeries.badEvents, of)),
    ...burnWindows.filter((window) => !isLong(window)).map((window) => burnRate(window, of)),
  ];
}

/** How fast the budget burns over long windows. */
export function buildLongWindows(of: Matchers): RecordingRule[] {
  return burnWindows.filter(isLong).map((window) => burnRate(window, of));
}

/** One sample in five, so that the samples add up to what was counted. */
function everyFiveMinutes(record: ObjectiveSeries, counts: string): RecordingRule {
  return {
    record,
    expr: `${sumOver(counts, '5m')}\nand on () (vector(time() % 300) < ${INTERVAL_SECONDS})`,
  };
}

function badShare(window: string, of: Matchers): string {
  const { events, badEvents } = countsFor(window);
  const sum = (name: ObjectiveSeries) => sumOver(series(name, of), window);
  return `${sum(badEvents)}\n/\n(${sum(events)} > 0)`;
}

function burnRate(window: string, of: Matchers): RecordingRule {
  const expr = `${badShare(window, of)}\n/\n${series(objectiveSeries.errorBudget, of)}`;
  return { record: objectiveSeries.burnRate, expr, labels: { window } };
}

/** What is kept of a promise: the share of good events, what is left of the budget, and for how long. */
export function buildPromise(window: string, of: Matchers): RecordingRule[] {
  const success = series(objectiveSeries.success, { ...of, window });
  const budget = series(objectiveSeries.errorBudget, of);
  const left = series(objectiveSeries.budgetRemaining, { ...of, window });
  const burning = series(objectiveSeries.burnRate, { ...of, window: '1h' });
  return [
    { record: objectiveSeries.success, expr: `1 - ${badShare(window, of)}`, labels: { window } },
    // Without any event the budget is whole.
    {
      record: objectiveSeries.budgetRemaining,
      expr: `1 - (1 - ${success}) / ignoring (window) ${budget}\nor\n0 * ${budget} + 1 and ${series(objectiveSeries.events, of)}`,
      labels: { window },
    },
    {
      record: objectiveSeries.exhaustion,
      expr: `clamp_min(${left}, 0) * ${lengthOf(window).seconds} / ignoring (window) (${burning} > 0)`,
      labels: { window },
    },
  ];
}
