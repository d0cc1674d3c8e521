/**
 * Finds what would take too long, or too much of the stack, to check in an expression. People write nothing like it; without the
 * bounds one expression could hold up the process, or end it. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { BadString, unquote } from './check-literal.ts';
import { estimateStates, MOST_STATES } from './check-regexp.ts';
import { parsePromql } from './promql-tree.ts';

/** The deepest nesting of an expression. Each operator of a chain such as a + b + c counts as a level, as in the syntax tree. */
const MOST_LEVELS = 500;

/** Returns what is too deep or too large in an expression that parses; undefined if nothing is. Needs no recursion. */
export function findExcess(expr: string): string | undefined {
  let [depth, states] = [0, 0];
  let excess: string | undefined;
  parsePromql(expr)
    .cursor()
    .iterate(
      (node) => {
        const at = `at position ${node.from + 1}`;
        if (++depth > MOST_LEVELS) excess ??= `nests more than ${MOST_LEVELS} levels deep, ${at}`;
        if (!matchesRegExp(node.node)) return;
        states += estimateStates(readValue(expr.slice(node.from, node.to)));
        if (states > MOST_STATES) excess ??= `has regular expressions that need more than ${MOST_STATES} states, ${at}`;
      },
      () => void depth--,
    );
  return excess;
}

function matchesRegExp(node: SyntaxNode): boolean {
  if (node.name !== 'StringLiteral') return false;
  const operator = node.parent?.getChild('MatchOp')?.firstChild?.name;
  return operator === 'EqlRegex' || operator === 'NeqRegex';
}

function readValue(literal: string): string {
  try {
    return unquote(literal);
  } catch (error) {
    if (error instanceof BadString) return '';
    throw error;
  }
}
