/** Finds what the grammar refuses, and syntax that only some versions of Prometheus take. Pure. */
import type { SyntaxNode } from '@lezer/common';
import { NEWER } from './check-literal.ts';
import { findBreak, Wrong } from './promql-tree.ts';

/** Returns where an expression stops to be PromQL, or undefined. */
export function findSyntaxError(expr: string): string | undefined {
  const at = findBreak(expr);
  if (at === undefined) return undefined;
  const called = expr.slice(at).startsWith('(') && /[A-Za-z_]\w*\s*$/.exec(expr.slice(0, at))?.[0].trim();
  if (called) return `function ${called} is unknown, at position ${at - called.length + 1}`;
  const found = expr.slice(at).trim();
  // The parser has no room for more levels at once.
  if (at > 1_500) return `does not parse at position ${at + 1}, or nests too deeply up to there`;
  if (found.startsWith(':')) return `does not parse at position ${at + 1}: a label has a colon, ${NEWER}`;
  return found === ''
    ? 'does not parse: it ends too early'
    : `does not parse at position ${at + 1}: unexpected ${JSON.stringify(found.slice(0, 20))}`;
}

/**
 * Names of the syntax nodes that need a feature flag or a very new version of Prometheus. Any other Prometheus refuses
 * the whole rule file if one rule contains such a node.
 */
const experimental = new Set([
  'QuotedLabelName',
  'AnchoredExpr',
  'SmoothedExpr',
  'FillClause',
  'FillLeftClause',
  'FillRightClause',
  'TrimUpper',
  'TrimLower',
]);
/** @throws Wrong for the first syntax that is experimental */
export function refuseExperimental(tree: SyntaxNode, expr: string): void {
  tree.cursor().iterate((node) => {
    if (!experimental.has(node.name)) return;
    throw new Wrong(node.node, `uses ${expr.slice(node.from, node.to)}, ${NEWER}`);
  });
}
