/**
 * Builds PromQL from names, matchers and numbers, some of which come from users. No value can leave its quotes in the
 * result. check-promql.ts checks whether Prometheus accepts an expression. Pure.
 */

/**
 * What a label must match. A string is the exact value, an array lists the possible values, and `matches` is an RE2
 * regular expression for the whole value. The string and the array are escaped. `matches` is not escaped, so never
 * build it from a label value.
 */
export type Match<Value extends string = string> = Value | readonly Value[] | { readonly matches: string };

/** Maps a label to its match. A label whose match is undefined is left out. */
export type Matchers = Readonly<Record<string, Match | undefined>>;

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r' };

/** Returns a PromQL string literal. PromQL uses Go's escape sequences. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"\n\r]/g, (character) => escapes[character] ?? character)}"`;
}

/** Returns an RE2 regular expression that matches exactly this string. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

function printMatcher(label: string, match: Match): string {
  if (typeof match === 'string') return `${label}=${quote(match)}`;
  if (!isList(match)) return `${label}=~${quote(match.matches)}`;
  const [only] = match;
  if (match.length === 1 && only !== undefined) return `${label}=${quote(only)}`;
  return `${label}=~${quote(match.map(escapeRegExp).join('|'))}`;
}

function isList(match: Exclude<Match, string>): match is readonly string[] {
  return Array.isArray(match);
}

/** Returns the text between the braces of a selector. */
export function printMatchers(matchers: Matchers): string {
  let text = '';
  for (const label in matchers) {
    const match = matchers[label];
    if (match !== undefined) text += `${text === '' ? '' : ','}${printMatcher(label, match)}`;
  }
  return text;
}

/** Returns a selector; without matchers, only the metric name. */
export function series<Name extends string>(name: Name, matchers: Matchers = {}): string {
  const all = printMatchers(matchers);
  return all === '' ? name : `${name}{${all}}`;
}

export function rate(selector: string, window: string): string {
  return `rate(${selector}[${window}])`;
}

export function sumOverTime(selector: string, window: string): string {
  return `sum_over_time(${selector}[${window}])`;
}

type Aggregation = 'sum' | 'max' | 'min' | 'avg' | 'count';

/**
 * Returns an expression that aggregates to one number, or to one number for each combination of values of the labels in
 * `by`.
 */
export function aggregate(aggregation: Aggregation, expression: string, by: readonly string[] = []): string {
  return by.length === 0 ? `${aggregation}(${expression})` : `${aggregation} by (${by.join(', ')}) (${expression})`;
}

export function sum(expression: string, by?: readonly string[]): string {
  return aggregate('sum', expression, by);
}

export function max(expression: string, by?: readonly string[]): string {
  return aggregate('max', expression, by);
}

/**
 * Returns an expression for the quantile `share` (0 to 1) of a histogram. The expression `buckets` must keep the label
 * `le`. The value is NaN while the histogram has no observations.
 */
export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, ${buckets})`;
}

/**
 * Returns an expression that has the value `number` if `expression` returns no series. The series of `expression` must
 * have no labels.
 */
export function orElse(expression: string, number: number): string {
  return `(${expression} or vector(${number}))`;
}
