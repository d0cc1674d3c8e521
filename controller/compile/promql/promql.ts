/**
 * Small builders of PromQL. In: names and values, from users too. Out: an expression in which no value can break out of
 * its quotes. They build text and never judge it: check-promql.ts does.
 */
import type { MetricName } from '#catalogue/metrics.ts';
import type { ObjectiveSeries } from '#catalogue/objectives.ts';

/** Metrics of Prometheus itself and of the default collectors, which the catalogue does not list. */
export type SeriesName =
  | MetricName
  | ObjectiveSeries
  | `${MetricName}_bucket`
  | 'up'
  | 'process_cpu_seconds_total'
  | 'process_resident_memory_bytes';

/** Label → the value it must have, or the values of which it must have one. */
export type Matchers = Readonly<Record<string, string | readonly string[]>>;

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r' };

/** A string literal of PromQL, whose escapes are those of Go. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"\n\r]/g, (character) => escapes[character] ?? character)}"`;
}

/** Matches exactly this text, in RE2. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

function matcher(label: string, value: string | readonly string[]): string {
  if (typeof value === 'string') return `${label}=${quote(value)}`;
  if (value.length === 1 && value[0] !== undefined) return `${label}=${quote(value[0])}`;
  return `${label}=~${quote(value.map(escapeRegExp).join('|'))}`;
}

/** What stands between the braces of a selector. */
export function matchersText(matchers: Matchers): string {
  let text = '';
  for (const label in matchers) text += `${text === '' ? '' : ','}${matcher(label, matchers[label] ?? '')}`;
  return text;
}

export function series(name: SeriesName, matchers: Matchers): string {
  const all = matchersText(matchers);
  return all === '' ? name : `${name}{${all}}`;
}

export function rate(selector: string, window: string): string {
  return `rate(${selector}[${window}])`;
}

/**
 * How much a counter grew in the window, its first value included: a series that is born at 1 has grown by 1, which
 * increase() alone does not see. Born means: no sample in the window before this one.
 */
export function growth(selector: string, window: string): string {
  return `((${selector} unless last_over_time(${selector}[${window}] offset ${window})) or increase(${selector}[${window}]))`;
}

export function sum(expression: string, by: readonly string[] = []): string {
  return by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`;
}

export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, ${buckets})`;
}

/** The expression, or 0 where it answers nothing. */
export function orZero(expression: string): string {
  return `(${expression} or vector(0))`;
}
