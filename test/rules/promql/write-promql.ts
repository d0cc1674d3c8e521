/**
 * Writes PromQL at random over the whole grammar of Prometheus 3, correct and incorrect. The same seed gives the same
 * expressions. Names, labels and durations are made up.
 */

/** Returns a function that returns numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Type = 'vector' | 'scalar' | 'matrix' | 'string';

const metricNames =
  'a up b_total level:d:rate5m sum count by offset_x on_x end start offset bool group and_x _ A9 :x Sum step range atan2_x';
const labelNames = 'a job le by on offset sum bool _x A1 __name__ inf start group_left without';
const strings =
  '"" "x" "b.*" \'c|d\' `e\\d` ".+" ".*" "(" "a{2}" "\\\\d" "\\n" "\\x41" "\\u00e9" "\\101" "é" "[a-c]" "(?i)f" "\\d" "a|" "(?P<n>x)" "(?<n>x)" "(b*|c*){60}d" "x{1001}" "(?:a{50}){50}" "\\\\pL+" "[[:alpha:]]" "\\\\Q.*\\\\E" "a**" "(?=x)" "\\xff" "\\400" "\\\\1"';
const durations = '5m 1h 90s 1h30m 1w2d 250ms 1y 0s 5 0x10 5m3h 1d1d 1.5h 300 1e2 5m5 2h1ms';
const numbers = '0 1 2.5 1e3 1E-3 .5 5. 0x1F 017 Inf NaN inf +1 -2 1_000 5m 1e400 0b11 1__0 0xg 1e 08';
const functionsOfVector = 'abs ceil sgn sort timestamp absent ln histogram_count day_of_week ABS deg Rate';
const functionsOfMatrix =
  'rate increase irate delta max_over_time last_over_time absent_over_time changes resets deriv present_over_time';
const experimentalCalls =
  'mad_over_time info double_exponential_smoothing sort_by_label first_over_time holt_winters nothing';
const aggregations = 'sum avg count min max group stddev stdvar SUM';
const arithmetic = '+ - * / % ^ atan2';
const comparisons = '== != > < >= <=';

export class PromqlWriter {
  readonly #random: () => number;
  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** Returns one expression: usually correct, sometimes with a fault of grammar or types. */
  write(): string {
    const tokens = this.#expression(this.#maybe(0.94) ? 'vector' : this.#pick(['scalar', 'matrix', 'string']), 4);
    if (this.#maybe(0.3)) this.#spoil(tokens);
    return this.#join(tokens);
  }

  #maybe(share: number): boolean {
    return this.#random() < share;
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)] as Value;
  }

  #word(words: string): string {
    return this.#pick(words.split(' '));
  }

  #some<Value>(most: number, make: () => Value): Value[] {
    return Array.from({ length: Math.floor(this.#random() * (most + 1)) }, make);
  }

  /** Deletes, repeats, swaps or replaces a few tokens. */
  #spoil(tokens: string[]): void {
    for (const _ of this.#some(2, () => 0)) {
      const at = Math.floor(this.#random() * tokens.length);
      const other = Math.floor(this.#random() * tokens.length);
      const change = this.#pick(['delete', 'repeat', 'swap', 'insert']);
      if (change === 'delete') tokens.splice(at, 1);
      else if (change === 'repeat') tokens.splice(at, 0, tokens[other] ?? '');
      else if (change === 'swap') [tokens[at], tokens[other]] = [tokens[other] ?? '', tokens[at] ?? ''];
      else tokens.splice(at, 0, this.#word('( ) [ ] { } , : = == @ offset by on bool 5m "x" - ! ~ $ é start end'));
    }
  }

  /** Joins tokens. Puts a space, a line break or a comment where it must or may stand. */
  #join(tokens: readonly string[]): string {
    let text = '';
    for (const token of tokens) {
      const touch = /[\w:.]$/.test(text) && /^[\w:.]/.test(token);
      const apart = touch ? this.#maybe(0.985) : this.#maybe(0.3);
      text += apart && text !== '' ? this.#pick([' ', ' ', ' ', ' ', '\n', '\t', '  ', ' # x y\n']) : '';
      text += token;
    }
    return text;
  }

  #expression(type: Type, depth: number): string[] {
    const meant = this.#maybe(0.985) ? type : this.#pick<Type>(['vector', 'scalar', 'matrix', 'string']);
    switch (meant) {
      case 'vector':
        return this.#vector(depth);
      case 'scalar':
        return this.#scalar(depth);
      case 'matrix':
        return this.#matrix(depth);
      case 'string':
        return this.#maybe(0.1) ? ['(', this.#word(strings), ')'] : [this.#word(strings)];
    }
  }

  #scalar(depth: number): string[] {
    if (depth <= 0 || this.#maybe(0.5)) return [this.#word(numbers)];
    const make = this.#pick([
      () => ['scalar', '(', ...this.#expression('vector', depth - 1), ')'],
      () => [this.#word('time pi'), '(', ')'],
      () => ['(', ...this.#expression('scalar', depth - 1), ')'],
      () => [this.#word('- +'), ...this.#expression('scalar', depth - 1)],
      () => [
        ...this.#expression('scalar', depth - 1),
        this.#word(arithmetic),
        ...this.#expression('scalar', depth - 1),
      ],
      () => [
        ...this.#expression('scalar', depth - 1),
        this.#word(comparisons),
        ...(this.#maybe(0.9) ? ['bool'] : []),
        ...this.#expression('scalar', depth - 1),
      ],
    ]);
    return make();
  }

  #selector(): string[] {
    const named = this.#maybe(0.85);
    const matchers = this.#some(2, () => [
      this.#word(labelNames),
      this.#word('= = = =~ !~ != =='),
      this.#word(strings),
    ]);
    const braces = named ? matchers.length > 0 || this.#maybe(0.05) : true;
    const inner = matchers.flatMap((matcher, index) => [...(index ? [','] : []), ...matcher]);
    const quoted = this.#maybe(0.01) ? ['"quoted name"', ...(inner.length ? [','] : [])] : [];
    const closing = inner.length > 0 && this.#maybe(0.05) ? [','] : [];
    return [
      ...(named ? [this.#word(metricNames)] : []),
      ...(braces ? ['{', ...quoted, ...inner, ...closing, '}'] : []),
    ];
  }

  #duration(): string {
    return this.#maybe(0.7) ? this.#word('5m 1h 90s 1h30m 1w2d 250ms 1y') : this.#word(durations);
  }

  /** Returns what can follow a selector or a subquery: offset and @, in either order. */
  #shift(share: number): string[] {
    const offset = () => ['offset', ...(this.#maybe(0.15) ? [this.#word('- +')] : []), this.#duration()];
    const at = () => [
      '@',
      ...this.#pick([['start', '(', ')'], ['end', '(', ')'], [this.#word('0 1600000000 1.5 -1 +2 1e9 5m Inf 0x10')]]),
    ];
    const shifts = [...(this.#maybe(share) ? [offset()] : []), ...(this.#maybe(share / 2) ? [at()] : [])];
    return (this.#maybe(0.3) ? shifts.reverse() : shifts).flat();
  }

  #vector(depth: number): string[] {
    if (depth <= 0 || this.#maybe(0.15)) return [...this.#selector(), ...this.#shift(0.35)];
    const inner = (type: Type = 'vector') => this.#expression(type, depth - 1);
    const make = this.#pick([
      () => this.#binary(depth),
      () => this.#binary(depth),
      () => this.#binary(depth),
      () => this.#aggregate(depth),
      () => this.#aggregate(depth),
      () => this.#call(depth),
      () => this.#call(depth),
      () => ['(', ...inner(), ')', ...(this.#maybe(0.03) ? this.#shift(0.9) : [])],
      () => [this.#word('- +'), ...inner()],
      () => [...inner(), this.#word(`${arithmetic} ${comparisons}`), ...inner('scalar')],
      () => [...inner('scalar'), this.#word(`${arithmetic} ${comparisons}`), ...inner()],
    ]);
    return make();
  }

  #labels(): string[] {
    const names = this.#some(2, () => this.#word(`${labelNames} "x" start NaN`));
    const listed = names.flatMap((name, index) => (index ? [',', name] : [name]));
    return ['(', ...listed, ...(names.length > 0 && this.#maybe(0.05) ? [','] : []), ')'];
  }

  #binary(depth: number): string[] {
    const inner = () => this.#expression('vector', depth - 1);
    const operator = this.#word(`${arithmetic} ${comparisons} and or unless and or unless AND`);
    const isSet = /^(and|or|unless)$/i.test(operator);
    const bool = this.#maybe(/[=<>]/.test(operator) ? 0.2 : 0.01) ? ['bool'] : [];
    const matching = this.#maybe(0.35) ? [this.#word('on ignoring'), ...this.#labels()] : [];
    const isGrouped = matching.length > 0 && this.#maybe(isSet ? 0.03 : 0.4);
    const group = isGrouped ? [this.#word('group_left group_right'), ...(this.#maybe(0.6) ? this.#labels() : [])] : [];
    const fill = this.#maybe(0.01) ? ['fill', '(', '0', ')'] : [];
    return [...inner(), operator, ...bool, ...matching, ...group, ...fill, ...inner()];
  }

  #aggregate(depth: number): string[] {
    const withParameter = this.#maybe(0.25);
    const name = withParameter ? this.#word('topk bottomk quantile count_values limitk') : this.#word(aggregations);
    const parameter = withParameter ? [...this.#expression(name === 'count_values' ? 'string' : 'scalar', 1), ','] : [];
    const body = ['(', ...parameter, ...this.#expression('vector', depth - 1), ')'];
    const modifier = this.#maybe(0.6) ? [this.#word('by without BY'), ...this.#labels()] : [];
    return this.#maybe(0.5) ? [name, ...modifier, ...body] : [name, ...body, ...modifier];
  }

  #call(depth: number): string[] {
    const inner = (type: Type) => this.#expression(type, depth - 1);
    const text = () => this.#expression('string', 0);
    const make = this.#pick([
      () => [this.#word(functionsOfVector), '(', ...inner('vector'), ')'],
      () => [this.#word(functionsOfMatrix), '(', ...inner('matrix'), ')'],
      () => [this.#word(functionsOfMatrix), '(', ...inner('matrix'), ')'],
      () => ['histogram_quantile', '(', ...inner('scalar'), ',', ...inner('vector'), ')'],
      () => ['quantile_over_time', '(', ...inner('scalar'), ',', ...inner('matrix'), ')'],
      () => ['predict_linear', '(', ...inner('matrix'), ',', ...inner('scalar'), ')'],
      () => ['clamp', '(', ...inner('vector'), ',', ...inner('scalar'), ',', ...inner('scalar'), ')'],
      () => ['round', '(', ...inner('vector'), ...(this.#maybe(0.5) ? [',', ...inner('scalar')] : []), ')'],
      () => ['vector', '(', ...inner('scalar'), ')'],
      () => [this.#word('hour month minute'), '(', ...(this.#maybe(0.5) ? inner('vector') : []), ')'],
      () => ['label_replace', '(', ...inner('vector'), ...[0, 1, 2, 3].flatMap(() => [',', ...text()]), ')'],
      () => [
        'label_join',
        '(',
        ...inner('vector'),
        ...[0, 1, ...this.#some(2, () => 0)].flatMap(() => [',', ...text()]),
        ')',
      ],
      () => (this.#maybe(0.2) ? [this.#word(experimentalCalls), '(', ...inner('matrix'), ')'] : inner('vector')),
    ]);
    return make();
  }

  #matrix(depth: number): string[] {
    if (depth <= 0 || this.#maybe(0.7)) return [...this.#selector(), '[', this.#duration(), ']', ...this.#shift(0.3)];
    const step = this.#maybe(0.5) ? [this.#duration()] : [];
    return [...this.#expression('vector', depth - 1), '[', this.#duration(), ':', ...step, ']', ...this.#shift(0.3)];
  }
}
