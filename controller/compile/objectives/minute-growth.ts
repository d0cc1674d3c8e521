/**
 * How many events counters counted in the last minute, as one number, or one for each value of some labels. Pure: builds
 * PromQL, judges none.
 *
 * Minutes add up to exactly what the counters counted: they are differences of samples a minute apart, never extrapolated, so
 * that a burst counts once however it falls between scrapes. After a gap of up to half an hour, in scrapes or in Prometheus
 * itself, the first minute has what was counted meanwhile. A process that started within the minute, or a counter that is
 * smaller than before, began at 0. A series without a past counts whole when it was born: its target has been up without it
 * within the half hour, or its process is minutes old. The past of a target that Prometheus sees for the first time, or again
 * after hours, is not the last minute's, and is left out.
 */
import { sum } from '../promql/promql.ts';

const BEFORE = '30m';
const MINUTE_SECONDS = 60;
const YOUNG_SECONDS = 300;

/** Identify a target. */
const targetLabels = 'namespace, job, instance';

/** In: a selector of counters, the matchers that select their targets (without braces), and labels to count by. */
export function minuteGrowth(selector: string, targetMatchers: string, by: readonly string[] = []): string {
  const before = `last_over_time(${selector}[${BEFORE}] offset 1m)`;
  const wasUp = `max_over_time(up{${targetMatchers}}[${BEFORE}] offset 1m) == 1`;
  const younger = (seconds: number) => `time() - process_start_time_seconds{${targetMatchers}} < ${seconds}`;
  const ofTargets = (targets: string) => `(${selector} and on (${targetLabels}) (${targets}))`;
  // The past is read once: it costs more than all the rest.
  const parts = [
    ofTargets(younger(MINUTE_SECONDS)),
    `${selector} - (${before} <= ${selector})`,
    ofTargets(`${wasUp} or ${younger(YOUNG_SECONDS)}`),
  ];
  return sum(parts.join('\nor '), by);
}

/** The sum of several numbers, of which some may not be there; nothing when none is. */
export function addUp(numbers: readonly string[]): string {
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined) return only;
  const told = numbers.map((number, index) => `label_replace(${number}, "part", "${index}", "", "")`);
  return `sum(${told.join('\nor\n')})`;
}
