/**
 * Checks whether the metrics and labels in an expression of a user exist. Prometheus does not report an unknown name; such an
 * expression just never returns a result. Pure, except for a cache of the functions that match external metrics.
 *
 * The check walks the syntax tree from the selectors upwards, and tracks which labels the result of each node may have.
 * The check keeps every label that is possible, so a name that may exist is never refused.
 */
import type { SyntaxNode } from '@lezer/common';
import { findNearest } from '#base/find-nearest.ts';
import {
  children,
  firstExpression,
  groupingLabels,
  operands,
  operatorOf,
  parsePromql,
  setOperators,
  Wrong,
} from '#base/promql/promql-tree.ts';
import { isHistogram, type KnownLabels, knownLabels, nearestSeries } from './known-series.ts';

/** Returns whether the resource lists a metric under `externalMetrics`. Nothing is known about the labels of such a metric. */
export type IsExternal = (name: string) => boolean;

/**
 * The functions of the resources that were compiled last. The same list of patterns gives the same function, so that answers
 * about an expression can be kept for it.
 */
const matchers = new Map<string, IsExternal>();
const MOST_MATCHERS = 1_000;

/**
 * Returns a function that tells whether a metric is listed under `externalMetrics`.
 * @param patterns names of metrics, and prefixes that end with *
 */
export function matchExternal(patterns: readonly string[]): IsExternal {
  const key = patterns.join(',');
  const known = matchers.get(key);
  if (known) return known;
  const names = new Set(patterns);
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  const match: IsExternal = (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
  if (matchers.size >= MOST_MATCHERS) matchers.clear();
  matchers.set(key, match);
  return match;
}

/**
 * Returns a message about the first name that does not exist, with its position; undefined if all names exist. The expression
 * must parse.
 */
export function checkNames(expr: string, isExternal: IsExternal): string | undefined {
  try {
    resultLabels(expr, isExternal);
    return undefined;
  } catch (error) {
    if (error instanceof Wrong) return `${error.message} (at position ${error.at.from + 1})`;
    throw error;
  }
}

/**
 * Returns the labels that the series of an expression's result may have; `any` if they are unknown.
 * @throws Wrong for the first name that does not exist
 */
export function resultLabels(expr: string, isExternal: IsExternal): KnownLabels {
  const root = firstExpression(parsePromql(expr));
  return root ? new LabelFlow(expr, isExternal).labelsOf(root) : NONE;
}

const NONE: ReadonlySet<string> = new Set();

class LabelFlow {
  readonly #expr: string;
  readonly #isExternal: IsExternal;
  constructor(expr: string, isExternal: IsExternal) {
    this.#expr = expr;
    this.#isExternal = isExternal;
  }

  /**
   * Returns the labels that the series of a node's result may have. @throws Wrong for the first name that does not
   * exist
   */
  labelsOf(node: SyntaxNode): KnownLabels {
    switch (node.name) {
      case 'NumberDurationLiteral':
      case 'StringLiteral':
        return NONE;
      case 'VectorSelector':
        return this.#selector(node);
      case 'BinaryExpr':
        return this.#binary(node);
      case 'FunctionCall':
        return this.#call(node);
      case 'AggregateExpr':
        return this.#aggregate(node);
      default:
        return this.labelsOf(operands(node)[0] as SyntaxNode);
    }
  }

  #text({ from, to }: SyntaxNode): string {
    return this.#expr.slice(from, to);
  }

  #selector(node: SyntaxNode): KnownLabels {
    const list = node.getChild('LabelMatchers');
    const matchers = list ? children(list).flatMap((matcher) => matcher.getChild('LabelName') ?? []) : [];
    const named = node.getChild('Identifier') ?? this.#nameMatcher(matchers);
    if (!named) return 'any';
    const name = this.#literal(named);
    const labels = this.#seriesLabels(name, named);
    for (const label of matchers) {
      if (!canHave(labels, this.#text(label)))
        throw new Wrong(label, `${name} has no label ${this.#text(label)}${this.#labelHint(label, labels)}`);
    }
    return labels;
  }

  /** Returns the node of the value in `__name__="…"`, if there is such a matcher. */
  #nameMatcher(labels: readonly SyntaxNode[]): SyntaxNode | null | undefined {
    const matcher = labels.find((label) => this.#text(label) === '__name__')?.parent;
    const operator = matcher?.getChild('MatchOp');
    return operator && this.#text(operator) === '=' ? matcher?.getChild('StringLiteral') : undefined;
  }

  #seriesLabels(name: string, at: SyntaxNode): KnownLabels {
    if (this.#isExternal(name)) return 'any';
    const labels = knownLabels(name);
    if (labels) return labels;
    if (isHistogram(name))
      throw new Wrong(at, `${name} is a histogram: its series are ${name}_bucket, ${name}_sum and ${name}_count`);
    const nearest = nearestSeries(name);
    const meant = nearest ? `do you mean ${nearest}? Otherwise` : 'if it comes from elsewhere,';
    throw new Wrong(at, `there is no metric ${name}; ${meant} list it under spec.externalMetrics`);
  }

  #aggregate(node: SyntaxNode): KnownLabels {
    const operator = this.#text(node.getChild('AggregateOp') as SyntaxNode).toLowerCase();
    const [first, second] = operands(node.getChild('FunctionCallBody') as SyntaxNode) as [SyntaxNode, SyntaxNode?];
    const inner = this.labelsOf(second ?? first);
    const modifier = node.getChild('AggregateModifier');
    const labels = modifier ? (groupingLabels(modifier)[0] ?? []) : [];
    for (const label of labels) this.#expect(label, inner);
    // topk and bottomk select series and keep all labels of these series.
    if (['topk', 'bottomk'].includes(operator)) return inner;
    const kept = modifier?.getChild('Without') ? without(inner, this.#texts(labels)) : new Set(this.#texts(labels));
    return operator === 'count_values' ? union(kept, new Set([this.#literal(first)])) : kept;
  }

  #call(node: SyntaxNode): KnownLabels {
    const name = this.#text(node.getChild('FunctionIdentifier') as SyntaxNode).toLowerCase();
    const body = node.getChild('FunctionCallBody');
    const given = body ? operands(body) : [];
    const labels = given.map((argument) => this.labelsOf(argument)).reduce(union, NONE);
    switch (name) {
      case 'absent':
      case 'absent_over_time':
        return 'any';
      case 'scalar':
        return NONE;
      case 'label_replace':
        return this.#relabel(given, given.slice(3, 4), labels);
      case 'label_join':
        return this.#relabel(given, given.slice(3), labels);
      case 'histogram_quantile':
        return this.#quantile(given[1] as SyntaxNode, labels);
      default:
        return labels;
    }
  }

  #relabel(given: readonly SyntaxNode[], sources: readonly SyntaxNode[], labels: KnownLabels): KnownLabels {
    for (const source of sources) this.#expect(source, labels);
    return union(labels, new Set(given.slice(1, 2).map((target) => this.#literal(target))));
  }

  #quantile(buckets: SyntaxNode, labels: KnownLabels): KnownLabels {
    if (!canHave(labels, 'le') && this.#readsBuckets(buckets))
      throw new Wrong(buckets, 'histogram_quantile() needs the label le, which is aggregated away: write sum by (le)');
    return without(labels, ['le']);
  }

  #readsBuckets(node: SyntaxNode): boolean {
    let found = false;
    node.cursor().iterate((inner) => {
      if (inner.name !== 'Identifier') return;
      const name = this.#text(inner.node);
      found ||= name.endsWith('_bucket') && knownLabels(name) !== undefined;
    });
    return found;
  }

  #binary(node: SyntaxNode): KnownLabels {
    const [left, right] = operands(node).map((operand) => this.labelsOf(operand)) as [KnownLabels, KnownLabels];
    const operator = operatorOf(node)?.name ?? '';
    const matching = node.getChild('MatchingModifierClause');
    const [matched = [], included = []] = matching ? groupingLabels(matching) : [];
    const isOn = matching?.getChild('On');
    // With `on`, a label that one operand lacks never matches, so both operands must have the label. With `or`, `and`
    // and `unless` that may be intended, so one operand with the label is enough.
    const where = isOn && !setOperators.has(operator) ? [left, right] : [union(left, right)];
    for (const label of matched) for (const side of where) this.#expect(label, side);
    if (operator === 'Or') return union(left, right);
    if (setOperators.has(operator)) return left;
    const [many, one] = matching?.getChild('GroupRight') ? [right, left] : [left, right];
    if (matching?.getChild('GroupLeft') || matching?.getChild('GroupRight')) {
      for (const label of included) this.#expect(label, one);
      return union(many, new Set(this.#texts(included)));
    }
    return isOn ? new Set(this.#texts(matched)) : without(union(left, right), this.#texts(matched));
  }

  #expect(label: SyntaxNode, labels: KnownLabels): void {
    const name = this.#literal(label);
    if (name === '' || canHave(labels, name)) return;
    throw new Wrong(label, `no series has the label ${name} here${this.#labelHint(label, labels)}`);
  }

  #labelHint(label: SyntaxNode, labels: KnownLabels): string {
    const nearest = labels === 'any' ? undefined : findNearest(this.#literal(label), labels);
    return nearest ? `; do you mean ${nearest}?` : '';
  }

  #texts(nodes: readonly SyntaxNode[]): string[] {
    return nodes.map((node) => this.#text(node));
  }

  /** Returns the text of a node, without the quotes if the node is a string. */
  #literal(node: SyntaxNode): string {
    const text = this.#text(node);
    return node.name === 'StringLiteral' ? text.slice(1, -1) : text;
  }
}

/**
 * Returns whether a series may have a label. Prometheus itself sets labels that begin with two underscores, so any
 * series may have such a label.
 */
function canHave(labels: KnownLabels, label: string): boolean {
  return labels === 'any' || labels.has(label) || label.startsWith('__');
}

function union(one: KnownLabels, other: KnownLabels): KnownLabels {
  return one === 'any' || other === 'any' ? 'any' : new Set([...one, ...other]);
}

function without(labels: KnownLabels, taken: readonly string[]): KnownLabels {
  return labels === 'any' ? labels : new Set([...labels].filter((label) => !taken.includes(label)));
}
