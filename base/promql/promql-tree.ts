/** Parses PromQL with Prometheus' own grammar, and reads the nodes of the syntax tree. Pure. */
import type { SyntaxNode } from '@lezer/common';
import { parser } from './promql-parser.gen.ts';

const strictParser = parser.configure({ strict: true });

/**
 * Returns the position where an expression stops to be PromQL, or undefined. Looks no further than that: what the parser does to
 * go on after an error takes a hundred times as long.
 */
export function findBreak(expr: string): number | undefined {
  if (last?.expr === expr && last.isWhole) return undefined;
  try {
    last = { expr, top: strictParser.parse(expr).topNode, isWhole: true };
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return Number(/\d+$/.exec(error.message)?.[0] ?? 0);
  }
}

let last: { readonly expr: string; readonly top: SyntaxNode; readonly isWhole?: true } | undefined;

/**
 * Returns the top node of the syntax tree of an expression. Caches the last tree, because several checks read the same
 * expression one after the other and parsing takes most of their time.
 */
export function parsePromql(expr: string): SyntaxNode {
  if (last?.expr !== expr) last = { expr, top: parser.parse(expr).topNode };
  return last.top;
}

/** Thrown by the checks of an expression. Says what is wrong, and at which node. */
export class Wrong extends Error {
  readonly at: SyntaxNode;
  constructor(at: SyntaxNode, message: string) {
    super(message);
    this.at = at;
  }
}

export const comparisons: ReadonlySet<string> = new Set(['Eql', 'Neq', 'Gtr', 'Lss', 'Gte', 'Lte']);
export const setOperators: ReadonlySet<string> = new Set(['And', 'Or', 'Unless']);
const operators: ReadonlySet<string> = new Set([
  ...comparisons,
  ...setOperators,
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Mod',
  'Pow',
  'Atan2',
  'TrimUpper',
  'TrimLower',
]);
const modifiers = new Set(['BoolModifier', 'MatchingModifierClause', 'FillClause', 'LineComment', 'UnaryOp']);

export function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

/** Returns the operands of an operator, or the arguments of a call. */
export function operands(node: SyntaxNode): SyntaxNode[] {
  return children(node).filter((child) => !modifiers.has(child.name) && !operators.has(child.name));
}

export function operatorOf(node: SyntaxNode): SyntaxNode | undefined {
  return children(node).find((child) => operators.has(child.name));
}

/** Returns the first expression of a parsed string, skipping comments. */
export function firstExpression(top: SyntaxNode): SyntaxNode | undefined {
  return children(top).find((node) => node.name !== 'LineComment');
}

/**
 * Returns the label lists of `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`, one list for each pair
 * of parentheses.
 */
export function groupingLabels(node: SyntaxNode): SyntaxNode[][] {
  return node.getChildren('GroupingLabels').map((list) => list.getChildren('LabelName'));
}

/**
 * Returns the names of the metrics that an expression selects, each once, in order. A selector without a metric name is
 * skipped.
 */
export function selectedMetrics(expr: string): string[] {
  const names = new Set<string>();
  parsePromql(expr)
    .cursor()
    .iterate((node) => {
      const name = node.name === 'VectorSelector' ? node.node.getChild('Identifier') : null;
      if (name) names.add(expr.slice(name.from, name.to));
    });
  return [...names];
}
