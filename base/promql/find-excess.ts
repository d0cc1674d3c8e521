/**
 * Finds what would take too long, or too much of the stack, to check in an expression. People write nothing like it; without the
 * bounds one expression could hold up the process, or end it. Pure.
 */
import { BadString, unquote } from './check-literal.ts';
import { isLargeRegExp } from './check-regexp.ts';
import { parsePromql } from './promql-tree.ts';

/** The deepest nesting of an expression. Each operator of a chain such as a + b + c counts as a level, as in the syntax tree. */
const MOST_LEVELS = 500;
const LONGEST = 65_536;

/** Returns what is too long, too deep or too large in an expression, or undefined. Needs no recursion. */
export function findExcess(expr: string): string | undefined {
  if (expr.length > LONGEST) return `is longer than ${LONGEST} characters`;
  let depth = 0;
  let excess: string | undefined;
  parsePromql(expr)
    .cursor()
    .iterate(
      (node) => {
        if (++depth > MOST_LEVELS)
          excess ??= `nests more than ${MOST_LEVELS} levels deep, at position ${node.from + 1}`;
        if (node.name === 'StringLiteral' && isLargeString(expr.slice(node.from, node.to)))
          excess ??= `has a regular expression whose repetitions make it too large, at position ${node.from + 1}`;
      },
      () => void depth--,
    );
  return excess;
}

function isLargeString(literal: string): boolean {
  if (!literal.includes('{')) return false;
  try {
    return isLargeRegExp(unquote(literal));
  } catch (error) {
    if (error instanceof BadString) return false;
    throw error;
  }
}
