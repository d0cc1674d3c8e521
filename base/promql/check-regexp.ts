/**
 * Judges regular expressions of label matchers by RE2's own rules. Prometheus uses RE2, which matches in linear time; the
 * engine of JavaScript would take for ever on nested repetitions. Pure.
 */
import { RE2JS, RE2JSException } from 're2js';
import { NEWER } from './check-literal.ts';
import { unicodeClasses } from './unicode-classes.ts';

/**
 * The largest regular expression that is compiled, in states of its automaton. RE2 allows millions, which take seconds to
 * compile; an expression of people has dozens.
 */
export const MOST_STATES = 5_000;

const classPattern = /\\(?:[pP](?:\{\^?([^}]*)\}|([\s\S]))|[\s\S])/g;

/** Returns the first class \p{…} that Go does not know, or that only a newer Go knows; undefined if there is none. */
function findUnknownClass(pattern: string): string | undefined {
  const found = [...pattern.matchAll(classPattern)];
  return found.find(([, long, short]) => !unicodeClasses.has(long ?? short ?? 'L'))?.[0];
}

/** Returns what is wrong with a regular expression in the syntax of RE2, or undefined if it is valid. */
export function checkRegExp(pattern: string): string | undefined {
  if (estimateStates(pattern) > MOST_STATES) return `is too large: it needs more than ${MOST_STATES} states`;
  if (/\(\?<[A-Za-z_]/.test(pattern)) return `has a name in (?<…>, ${NEWER}; write (?P<…>`;
  const unknown = findUnknownClass(pattern);
  if (unknown) return `has the class ${unknown}, which Prometheus does not know, or ${NEWER}`;
  if (pattern.includes('\ufffd')) return 'is not valid UTF-8';
  try {
    compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return error.message.replace(/^error parsing regexp: /, 'has ');
    throw error;
  }
}

/**
 * Returns whether a valid pattern matches the empty string. A matcher with such a pattern also selects series that lack
 * the matcher's label.
 */
export function matchesEmpty(pattern: string): boolean {
  return compile(pattern).matches('');
}

/** Compiles a pattern as Prometheus does: `.` matches line breaks too, and two groups may have the same name. */
function compile(pattern: string): RE2JS {
  return RE2JS.compile(pattern.replace(/\(\?P<\w+>/g, '('), RE2JS.DOTALL);
}

const repetition = /\{(\d{1,4})(?:,(\d{0,4}))?\}/y;
/** A class of Unicode such as \pL has hundreds of ranges, which take as long as this number of states. */
const CLASS_STATES = 25;

/**
 * Estimates the states of the automaton: one for each character, times the numbers in the braces that follow it or its
 * group. The estimate needs no recursion, because the pattern may nest without bound.
 */
export function estimateStates(pattern: string): number {
  const groups: number[] = [];
  let total = 0;
  let last = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    repetition.lastIndex = at;
    const repeated = character === '{' ? repetition.exec(pattern) : null;
    if (repeated) {
      const times = Math.max(1, Number(repeated[1]), Number(repeated[2] || 0));
      total += last * (times - 1);
      last *= times;
      at += repeated[0].length - 1;
    } else if (character === '(') {
      groups.push(total);
    } else {
      if (character === '\\') at++;
      last =
        character === ')' ? total - (groups.pop() ?? 0) + 1 : /[pP]/.test(escapedAt(pattern, at)) ? CLASS_STATES : 1;
      total += character === ')' ? 1 : last;
    }
  }
  return total;
}

/** Returns the character at a position if a backslash stands before it; otherwise an empty string. */
function escapedAt(pattern: string, at: number): string {
  return pattern[at - 1] === '\\' ? (pattern[at] ?? '') : '';
}
