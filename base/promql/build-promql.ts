/**
 * Builds PromQL. In: names, matchers and numbers, some of them from users. Out: text in which no value can leave its quotes.
 * It does not judge the result: check-promql.ts does. Pure.
 */

/**
 * What a label must be: this value; one of these values; or matched as a whole by a regular expression of RE2. Only the
 * expression keeps its metacharacters, so never build it from a value: a list is escaped here.
 */
export type Match<Value extends string = string> = Value | readonly Value[] | { readonly matches: string };

/** Label → match. A label that is undefined is left out. */
export type Matchers = Readonly<Record<string, Match | undefined>>;

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r' };

/** A string literal of PromQL, whose escapes are those of Go. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"\n\r]/g, (character) => escapes[character] ?? character)}"`;
}

/** A regular expression of RE2 that matches exactly this text. */
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

/** What stands between the braces of a selector. */
export function printMatchers(matchers: Matchers): string {
  let text = '';
  for (const label in matchers) {
    const match = matchers[label];
    if (match !== undefined) text += `${text === '' ? '' : ','}${printMatcher(label, match)}`;
  }
  return text;
}

/** A selector. Without matchers it is the bare name. */
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

/** One number, or one for each set of values of the labels `by`. */
export function aggregate(aggregation: Aggregation, expression: string, by: readonly string[] = []): string {
  return by.length === 0 ? `${aggregation}(${expression})` : `${aggregation} by (${by.join(', ')}) (${expression})`;
}

export function sum(expression: string, by?: readonly string[]): string {
  return aggregate('sum', expression, by);
}

export function max(expression: string, by?: readonly string[]): string {
  return aggregate('max', expression, by);
}

/** `buckets` must have the label `le`. Gives NaN while nothing is observed. */
export function quantile(share: number, buckets: string): string {
  return `histogram_quantile(${share}, ${buckets})`;
}

/** The expression, or another number where it answers no series. The expression must have no labels. */
export function orElse(expression: string, number: number): string {
  return `(${expression} or vector(${number}))`;
}
