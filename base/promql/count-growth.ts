/** How much counters grew. Builds PromQL and does not judge it. Pure. */
import { sum } from './build-promql.ts';

/**
 * The growth of each series within a window. A series that is born with the value 1 has grown by 1, which increase() alone
 * misses: a series counts as born if it has no sample in the window before this one.
 */
export function growth(selector: string, window: string): string {
  return `((${selector} unless last_over_time(${selector}[${window}] offset ${window})) or increase(${selector}[${window}]))`;
}

/** How far back the last sample before this minute is looked for. */
const BEFORE = '30m';
const MINUTE_SECONDS = 60;
/** A process younger than this counted everything that it shows since its start. */
const YOUNG_SECONDS = 300;
/** These labels identify a target. */
const targetLabels = 'namespace, job, instance';

/**
 * The growth of all selected counters together within the last minute, or one number for each set of values of the labels `by`.
 *
 * Minutes add up to exactly what the counters counted: they are differences of samples a minute apart, never extrapolated. A
 * burst therefore counts once, however it falls between scrapes. After a gap of up to half an hour, in the scrapes or in
 * Prometheus itself, the first minute holds everything that was counted during the gap. A counter began at 0 if its process
 * started within the minute, or if its value has fallen. A series without a past counts in full if it is new: its target was up
 * without it within the last half hour, or its process is minutes old. A target that Prometheus sees for the first time, or
 * again after hours, has counted for an unknown time, so its past is left out.
 *
 * @param selector of the counters
 * @param targetMatchers select the targets of these counters, as text without braces
 */
export function minuteGrowth(selector: string, targetMatchers: string, by?: readonly string[]): string {
  const before = `last_over_time(${selector}[${BEFORE}] offset 1m)`;
  const wasUp = `max_over_time(up{${targetMatchers}}[${BEFORE}] offset 1m) == 1`;
  const younger = (seconds: number) => `time() - process_start_time_seconds{${targetMatchers}} < ${seconds}`;
  const ofTargets = (targets: string) => `(${selector} and on (${targetLabels}) (${targets}))`;
  // `before` costs more than all the rest, so it is read only once.
  const parts = [
    ofTargets(younger(MINUTE_SECONDS)),
    `${selector} - (${before} <= ${selector})`,
    ofTargets(`${wasUp} or ${younger(YOUNG_SECONDS)}`),
  ];
  return sum(parts.join('\nor '), by);
}

/** The sum of several expressions, some of which may answer no series. Answers no series if none of them does. */
export function addUp(numbers: readonly string[]): string {
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined) return only;
  const labelled = numbers.map((number, index) => `label_replace(${number}, "part", "${index}", "", "")`);
  return `sum(${labelled.join('\nor\n')})`;
}
