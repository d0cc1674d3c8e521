/**
 * Builds PromQL from names, matchers and numbers, some of which come from users. No value can leave its quotes in the
 * result. check-promql.ts checks whether Prometheus accepts an expression. Pure.
 */

/**
 * What a label must match: this value, one of these values, or an RE2 regular expression that matches the whole value.
 * Values in a list are escaped. A regular expression is not, so never build one from a value.
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

/** Aggregates to one number, or to one number for each combination of values of the labels in `by`. */
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
 * Returns a quantile of a histogram. `buckets` must have the label `le`. The result is NaN while nothing is observed.
 */
export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, ${buckets})`;
}

/** Returns `number` where the expression returns no series. The series of the expression must have no labels. */
export function orElse(expression: string, number: number): string {
  return `(${expression} or vector(${number}))`;
}
