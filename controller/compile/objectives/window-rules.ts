/**
 * Rules that sum counts of events over windows: how fast the error budget burns, and how much of it is left. Pure. The matchers `of`
 * select the objectives: those of one resource, or all that are counted together.
 *
 * Ratios are never averaged. Good and bad events of a window are summed first, so an hour with many events weighs more than an hour
 * with few. A ratio is absent, never NaN, if there were no events.
 */
import { formatCompoundDuration, parseDurationSeconds } from '#base/duration.ts';
import { type Matchers, series, sumOverTime } from '#base/promql/build-promql.ts';
import { type ObjectiveSeries, objectiveAlertNames, objectiveAlerts, objectiveSeries } from '#catalogue/objectives.ts';
import type { RecordingRule } from '../objects/generated-object.ts';

/** How often counts are recorded. The names with `increase1m` say the same. */
export const OBJECTIVES_INTERVAL = '1m';
const INTERVAL_SECONDS = 60;

/**
 * How often the rules of long windows run. Their counts change every five minutes. It must be less than five minutes, because
 * Prometheus looks back only that far for the last sample of a series.
 */
export const LONG_WINDOWS_INTERVAL = '4m';

/** Windows up to this length are sums of counts of one minute, longer ones of counts of five minutes. */
const LONGEST_BY_MINUTE_SECONDS = 6 * 3_600;

export function isLong(window: string): boolean {
  return lengthOf(window).seconds > LONGEST_BY_MINUTE_SECONDS;
}

interface WindowLength {
  readonly seconds: number;
  /** The window less one second, as a range of PromQL: see sumOver. */
  readonly range: string;
}

/** A cache: there are few windows, and each is needed again and again. */
const lengths = new Map<string, WindowLength>();

function lengthOf(window: string): WindowLength {
  const known = lengths.get(window);
  if (known) return known;
  const seconds = parseDurationSeconds(window);
  const length = { seconds, range: formatCompoundDuration(seconds - 1) };
  lengths.set(window, length);
  return length;
}

/** The series whose sum over a window of this length is the number of its events. */
export function countsFor(window: string): { readonly events: ObjectiveSeries; readonly badEvents: ObjectiveSeries } {
  if (!isLong(window)) return objectiveSeries;
  return { events: objectiveSeries.events5m, badEvents: objectiveSeries.badEvents5m };
}

/**
 * The sum of recorded counts over a window. The range is one second shorter than the window: samples are whole minutes apart, and
 * Prometheus 2 would include the sample at the far end.
 */
export function sumOver(counts: string, window: string): string {
  return sumOverTime(counts, lengthOf(window).range);
}

const burnWindows = [
  ...new Set(
    objectiveAlertNames.flatMap((name) => objectiveAlerts[name].windows.flatMap(({ long, short }) => [short, long])),
  ),
];

/** The counts of five minutes, which long windows sum, and the burn rates over short windows. */
export function buildShortWindows(of: Matchers): RecordingRule[] {
  return [
    everyFiveMinutes(objectiveSeries.events5m, series(objectiveSeries.events, of)),
    everyFiveMinutes(objectiveSeries.badEvents5m, series(objectiveSeries.badEvents, of)),
    ...burnWindows.filter((window) => !isLong(window)).map((window) => burnRate(window, of)),
  ];
}

/** The burn rates over long windows. */
export function buildLongWindows(of: Matchers): RecordingRule[] {
  return burnWindows.filter(isLong).map((window) => burnRate(window, of));
}

/** The rule runs every minute but answers only once in five minutes. Otherwise its samples would add up to five times the events. */
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

/** The share of good events in an objective's window, the error budget that is left, and how long it lasts. */
export function buildPromise(window: string, of: Matchers): RecordingRule[] {
  const success = series(objectiveSeries.success, { ...of, window });
  const budget = series(objectiveSeries.errorBudget, of);
  const left = series(objectiveSeries.budgetRemaining, { ...of, window });
  const burning = series(objectiveSeries.burnRate, { ...of, window: '1h' });
  return [
    { record: objectiveSeries.success, expr: `1 - ${badShare(window, of)}`, labels: { window } },
    // Without any events the whole budget is left.
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
