/**
 * Builds the rules that sum counts of events over windows: how fast the error budget burns, and how much of the budget is left.
 * Pure. The matchers `of` select the objectives of one resource, or all objectives that the shared rules count.
 *
 * Ratios are never averaged. Good and bad events of a window are summed first, so an hour with many events weighs more than an
 * hour with few. If there were no events, a ratio is absent, never NaN.
 */
import { formatCompoundDuration, parseDurationSeconds } from '#base/duration.ts';
import { type Matchers, series, sumOverTime } from '#base/promql/build-promql.ts';
import { type ObjectiveSeries, objectiveAlertNames, objectiveAlerts, objectiveSeries } from '#catalogue/objectives.ts';
import type { RecordingRule } from '../objects/generated-object.ts';

/**
 * How often events are counted. The interval must match the names of the recorded series, which contain `increase1m`.
 */
export const OBJECTIVES_INTERVAL = '1m';
const INTERVAL_SECONDS = 60;

/**
 * How often the rules of long windows are evaluated. The counts that these rules sum change every five minutes. The interval
 * must be less than five minutes, because Prometheus looks back only that far for the last sample of a series.
 */
export const LONG_WINDOWS_INTERVAL = '4m';

/**
 * For windows up to this length, rules sum counts that each cover one minute; for longer windows, counts that each
 * cover five minutes.
 */
const LONGEST_BY_MINUTE_SECONDS = 6 * 3_600;

export function isLong(window: string): boolean {
  return lengthOf(window).seconds > LONGEST_BY_MINUTE_SECONDS;
}

interface WindowLength {
  readonly seconds: number;
  /** The window minus one second, as a PromQL range. The comment on sumOver explains why. */
  readonly range: string;
}

/** Caches the lengths of windows: there are few windows, and each is needed many times. */
const lengths = new Map<string, WindowLength>();

function lengthOf(window: string): WindowLength {
  const known = lengths.get(window);
  if (known) return known;
  const seconds = parseDurationSeconds(window);
  const length = { seconds, range: formatCompoundDuration(seconds - 1) };
  lengths.set(window, length);
  return length;
}

/** Returns the names of the two series whose sums over this window are the numbers of all events and of bad events. */
export function countsFor(window: string): { readonly events: ObjectiveSeries; readonly badEvents: ObjectiveSeries } {
  if (!isLong(window)) return objectiveSeries;
  return { events: objectiveSeries.events5m, badEvents: objectiveSeries.badEvents5m };
}

/**
 * Returns the sum of recorded counts over a window. The range is one second shorter than the window, because samples
 * are whole minutes apart and Prometheus 2 would include the sample at the very start of the window.
 */
export function sumOver(counts: string, window: string): string {
  return sumOverTime(counts, lengthOf(window).range);
}

const burnWindows = [
  ...new Set(
    objectiveAlertNames.flatMap((name) => objectiveAlerts[name].windows.flatMap(({ long, short }) => [short, long])),
  ),
];

/**
 * Builds the rules for the counts that each cover five minutes, which long windows sum, and for the burn rates over
 * short windows.
 */
export function buildShortWindows(of: Matchers): RecordingRule[] {
  return [
    everyFiveMinutes(objectiveSeries.events5m, series(objectiveSeries.events, of)),
    everyFiveMinutes(objectiveSeries.badEvents5m, series(objectiveSeries.badEvents, of)),
    ...burnWindows.filter((window) => !isLong(window)).map((window) => burnRate(window, of)),
  ];
}

/** Builds the rules for the burn rates over long windows. */
export function buildLongWindows(of: Matchers): RecordingRule[] {
  return burnWindows.filter(isLong).map((window) => burnRate(window, of));
}

/**
 * Builds a rule that is evaluated every minute but returns samples only every fifth minute. Otherwise the sum of its
 * samples would be five times the number of events.
 */
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

/**
 * Builds the rules for the share of good events in an objective's window, the share of the error budget that is left,
 * and the time until the budget is used up.
 */
export function buildPromise(window: string, of: Matchers): RecordingRule[] {
  const success = series(objectiveSeries.success, { ...of, window });
  const budget = series(objectiveSeries.errorBudget, of);
  const left = series(objectiveSeries.budgetRemaining, { ...of, window });
  const burning = series(objectiveSeries.burnRate, { ...of, window: '1h' });
  return [
    { record: objectiveSeries.success, expr: `1 - ${badShare(window, of)}`, labels: { window } },
    // If there were no events, the whole budget is left.
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
