/** How Prometheus' grammar names the parts of an expression, for those who walk its tree. Pure. */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

let last: { readonly expr: string; readonly top: SyntaxNode } | undefined;

/** Several checks look at one expression, one after the other: the last tree is kept, as parsing is the most of their work. */
export function parsePromql(expr: string): SyntaxNode {
  if (last?.expr !== expr) last = { expr, top: parser.parse(expr).topNode };
  return last.top;
}

/** What is wrong with an expression, and with which part of it. */
export class Wrong extends Error {
  readonly at: SyntaxNode;
  constructor(at: SyntaxNode, message: string) {
    super(message);
    this.at = at;
  }
}

export const comparisons: ReadonlySet<string> = new Set(['Eql', 'Neq', 'Gtr', 'Lss', 'Gte', 'Lte']);
export const setOperators: ReadonlySet<string> = new Set(['And', 'Or', 'Unless']);
export const operators: ReadonlySet<string> = new Set([
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

/** What an operator or a call is applied to. */
export function operands(node: SyntaxNode): SyntaxNode[] {
  return children(node).filter((child) => !modifiers.has(child.name) && !operators.has(child.name));
}

export function operatorOf(node: SyntaxNode): SyntaxNode | undefined {
  return children(node).find((child) => operators.has(child.name));
}

/** The first expression of a text, past its comments. */
export function firstExpression(top: SyntaxNode): SyntaxNode | undefined {
  return children(top).find((node) => node.name !== 'LineComment');
}

/** The labels in the parentheses of `by`, `on`, `group_left` and their kin: a list for each pair. */
export function groupingLabels(node: SyntaxNode): SyntaxNode[][] {
  return node.getChildren('GroupingLabels').map((list) => list.getChildren('LabelName'));
}
