/** Builds PromQL that computes how much counters grew. Pure. */
import { sum } from './build-promql.ts';

/**
 * Returns an expression for the growth of each series within `window`. The first value of a new series counts as
 * growth, because increase() alone would miss a counter that first appears with the value 1. A series is new if it has
 * no sample in the equally long window before.
 */
export function growth(selector: string, window: string): string {
  return `((${selector} unless last_over_time(${selector}[${window}] offset ${window})) or increase(${selector}[${window}]))`;
}

/** How far to look back for the last sample before the minute whose growth is computed. */
const BEFORE = '30m';
const MINUTE_SECONDS = 60;
/**
 * While a process is younger than this, the full value of a new series counts as growth, because the process has
 * counted all of it since its start.
 */
const YOUNG_SECONDS = 300;
/** Labels that together identify a scrape target. */
const targetLabels = 'namespace, job, instance';

/**
 * Returns an expression for the total growth of the selected counters within the last minute, or for one total for each
 * combination of values of the labels in `by`.
 *
 * The results of all minutes add up to exactly what the counters counted, because each result is a difference of
 * samples a minute apart and is never extrapolated. So a burst counts once, whatever the times of the scrapes. If
 * scrapes fail or Prometheus is down for up to half an hour, the first minute afterwards contains everything that was
 * counted meanwhile. A counter is taken to have started at 0 if its process started within the minute, or if its value
 * has fallen. A series without earlier samples counts in full if it is new: its scrape target was up within the last
 * half hour without exposing the series, or its process is younger than YOUNG_SECONDS. If Prometheus scrapes a target
 * for the first time, or again after hours, it is unknown when the counters of this target grew, so their earlier
 * growth is left out.
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

/**
 * Returns an expression for the sum of several expressions, some of which may return no series. If none of them returns
 * a series, the sum returns none.
 */
export function addUp(numbers: readonly string[]): string {
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined) return only;
  const labelled = numbers.map((number, index) => `label_replace(${number}, "part", "${index}", "", "")`);
  return `sum(${labelled.join('\nor\n')})`;
}
