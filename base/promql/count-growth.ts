/** Builds PromQL that computes how much counters grew. Pure. */
import { sum } from './build-promql.ts';

/**
 * The growth of each series within a window, including the first value of a new series: increase() alone would not
 * count a counter that first appears with the value 1. A series is new if it has no sample in the window before this
 * one.
 */
export function growth(selector: string, window: string): string {
  return `((${selector} unless last_over_time(${selector}[${window}] offset ${window})) or increase(${selector}[${window}]))`;
}

/** How far to look back for the last sample before this minute. */
const BEFORE = '30m';
const MINUTE_SECONDS = 60;
/**
 * Within this time of the start of a process, the full value of a new series counts as growth, because the process has
 * counted it since its start.
 */
const YOUNG_SECONDS = 300;
/** These labels identify a target. */
const targetLabels = 'namespace, job, instance';

/**
 * The growth of all selected counters together within the last minute, or one number for each combination of values of
 * the labels in `by`.
 *
 * The results of all minutes add up to exactly what the counters counted, because each result is a difference of
 * samples a minute apart and never extrapolated. So a burst counts once, wherever the scrapes fall. After a gap of up
 * to half an hour, in the scrapes or in Prometheus itself, the first minute contains everything that was counted during
 * the gap. A counter is taken to have started at 0 if its process started within the minute, or if its value has
 * fallen. A series without earlier samples counts in full if it is new, that is, if its target was up without the
 * series within the last half hour, or if its process is younger than YOUNG_SECONDS. If Prometheus sees a target for
 * the first time, or again after hours, it is unknown when the target counted, so earlier counts are left out.
 *
 * @param selector selects the counters
 * @param targetMatchers matchers that select the targets of these counters, without braces
 */
export function minuteGrowth(selector: string, targetMatchers: string, by?: readonly string[]): string {
  const before = `last_over_time(${selector}[${BEFORE}] offset 1m)`;
  const wasUp = `max_over_time(up{${targetMatchers}}[${BEFORE}] offset 1m) == 1`;
  const younger = (seconds: number) => `time() - process_start_time_seconds{${targetMatchers}} < ${seconds}`;
  const ofTargets = (targets: string) => `(${selector} and on (${targetLabels}) (${targets}))`;
  // `before` is the most expensive part of the query, so it occurs only once.
  const parts = [
    ofTargets(younger(MINUTE_SECONDS)),
    `${selector} - (${before} <= ${selector})`,
    ofTargets(`${wasUp} or ${younger(YOUNG_SECONDS)}`),
  ];
  return sum(parts.join('\nor '), by);
}

/** Adds up several expressions, some of which may return no series. Returns no series if none of them returns one. */
export function addUp(numbers: readonly string[]): string {
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined) return only;
  const labelled = numbers.map((number, index) => `label_replace(${number}, "part", "${index}", "", "")`);
  return `sum(${labelled.join('\nor\n')})`;
}
