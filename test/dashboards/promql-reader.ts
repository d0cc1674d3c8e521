import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A selector of a PromQL expression. */
interface ReadSelector {
  readonly metric: string;
  readonly labels: readonly string[];
  /** Range of the selector, if it is a matrix selector. */
  readonly window?: string;
  /** Name of the function that has the matrix selector as its argument; undefined for other selectors. */
  readonly within?: string;
  /** Whether the selector reads a time before all samples (`@ -1`), so that its result is always empty. */
  readonly isEmpty?: boolean;
}
/** The facts about a PromQL expression that the dashboard rules need. */
interface ReadQuery {
  readonly selectors: readonly ReadSelector[];
  /** The labels of each `by (…)`, with the metrics that the aggregation reads. */
  readonly groupings: readonly { readonly labels: readonly string[]; readonly metrics: readonly string[] }[];
  /** The divisors of all divisions, as text. */
  readonly divisors: readonly string[];
  /** Calls of histogram_quantile that are not compared with 0, as text. */
  readonly bareQuantiles: readonly string[];
  /** Whether the result can have several series. */
  readonly manySeries: boolean;
}

const substitutes: Readonly<Record<string, string>> = {
  $__rate_interval: '61s',
  $__range: '62s',
  $time_range: '63s',
  $__interval: '64s',
};

/** Parses an expression that contains Grafana's variables. @throws Error if Prometheus would refuse the expression */
export function readQuery(expression: string): ReadQuery {
  const text = expression.replaceAll(
    /\$(__rate_interval|__range|__interval|time_range)\b/g,
    (name) => substitutes[name] ?? name,
  );
  const top = parser.parse(text).topNode;
  const nodes = descendants(top);
  const wrong = nodes.find((node) => node.type.isError);
  if (wrong)
    throw new Error(`does not parse at ${wrong.from}: ${text.slice(0, wrong.from)} ⚠ ${text.slice(wrong.from)}`);
  return {
    selectors: nodes.filter(named('VectorSelector')).map((node) => readSelector(node, text)),
    groupings: nodes.filter(named('AggregateExpr')).map((node) => readGrouping(node, text)),
    divisors: nodes.filter(named('Div')).map((node) => slice(node.nextSibling, text)),
    bareQuantiles: nodes
      .filter(named('FunctionCall'))
      .filter((node) => slice(node.firstChild, text) === 'histogram_quantile' && !node.parent?.getChild('Gte'))
      .map((node) => slice(node, text)),
    manySeries: canBeMany(top.firstChild, text),
  };
}

function readSelector(node: SyntaxNode, text: string): ReadSelector {
  const labels = descendants(node)
    .filter(named('LabelName'))
    .map((label) => slice(label, text));
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
  const metric = slice(node.getChild('Identifier'), text);
  if (!matrix) return { metric, labels, isEmpty: isEmpty(node.parent, text) };
  const window = slice(matrix.getChild('DurationExpr'), text);
  return {
    metric,
    labels,
    window: variableOf(window),
    within: slice(enclosing(matrix, 'FunctionCall')?.firstChild, text),
  };
}

function isEmpty(node: SyntaxNode | null, text: string): boolean {
  return node?.name === 'StepInvariantExpr' && slice(node, text).endsWith('@ -1');
}

function variableOf(window: string): string {
  return Object.entries(substitutes).find(([, substitute]) => substitute === window)?.[0] ?? window;
}

function readGrouping(node: SyntaxNode, text: string) {
  const names = node.getChild('AggregateModifier')?.getChild('GroupingLabels');
  const labels = names
    ? descendants(names)
        .filter(named('LabelName'))
        .map((label) => slice(label, text))
    : [];
  const metrics = descendants(node)
    .filter(named('VectorSelector'))
    .map((selector) => slice(selector.getChild('Identifier'), text));
  return { labels, metrics };
}

/**
 * Returns whether a node can have several series. An aggregation without labels has one series, and so has arithmetic on such aggregations.
 */
function canBeMany(node: SyntaxNode | null | undefined, text: string): boolean {
  if (!node) return false;
  if (node.name === 'AggregateExpr') {
    const operator = slice(node.getChild('AggregateOp'), text);
    const labels = readGrouping(node, text).labels.filter((label) => label !== 'le');
    return operator === 'topk' || operator === 'bottomk' || labels.length > 0;
  }
  if (isEmpty(node, text)) return false;
  if (node.name === 'VectorSelector') return true;
  return children(node).some((child) => canBeMany(child, text));
}

function named(name: string) {
  return (node: SyntaxNode) => node.name === name;
}

function enclosing(node: SyntaxNode, name: string): SyntaxNode | undefined {
  for (let at = node.parent; at; at = at.parent) if (at.name === name) return at;
  return undefined;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function descendants(node: SyntaxNode): SyntaxNode[] {
  return [node, ...children(node).flatMap(descendants)];
}

function slice(node: SyntaxNode | null | undefined, text: string): string {
  return node ? text.slice(node.from, node.to) : '';
}
