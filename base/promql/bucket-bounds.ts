/**
 * Reads the buckets that an expression selects, and spells their bounds as every Prometheus stores them. The label `le` is a
 * text, but Prometheus 3 writes the bound 5 as `5.0`, Prometheus 2 keeps the client's `5`, and clients in Go write large
 * bounds with an exponent. A matcher `le="5"` therefore selects nothing in half of the installations. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { printMatchers } from './build-promql.ts';
import { children, parsePromql } from './promql-tree.ts';

/** The labels whose values are numbers: the bound of a bucket, and the quantile of a summary. */
const numeric: ReadonlySet<string> = new Set(['le', 'quantile']);

/** Returns how clients and versions of Prometheus write this number in a label; only the text itself if it is no number. */
export function spellingsOf(text: string): string[] {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) return [text];
  const inGo = formatInGo(number);
  return [...new Set([text, String(number), inGo, /[.e]/.test(inGo) ? inGo : `${inGo}.0`])];
}

/** Formats a number as Go's strconv.FormatFloat(number, 'g', -1, 64) does: with an exponent below 1e-4 and from 1e6. */
function formatInGo(number: number): string {
  const [digits = '', exponent = '0'] = number.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(number);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** One matcher of `le`. `bounds` are the texts that it can match; undefined if it is another regular expression, or negative. */
interface BucketMatcher {
  readonly at: SyntaxNode;
  /** The metric whose buckets are selected; it ends with `_bucket`. */
  readonly metric: string;
  /** The matcher as it is written, such as `le="5"`. */
  readonly text: string;
  readonly bounds: readonly string[] | undefined;
}

/** Returns the matchers of `le` in selectors of `…_bucket`, in the order of the text. The expression must parse. */
export function readBucketMatchers(expr: string): BucketMatcher[] {
  return readMatchers(expr).flatMap(({ node, label, metric }) => {
    if (label !== 'le' || !metric?.endsWith('_bucket')) return [];
    const bounds = boundsOf(expr, node);
    return [{ at: node, metric, text: expr.slice(node.from, node.to), bounds }];
  });
}

/** Replaces each `le="5"` by a matcher of every spelling of 5. The expression must parse; everything else stays as it is. */
export function spellBounds(expr: string): string {
  const found = readMatchers(expr).filter(({ node, label }) => numeric.has(label) && operatorOf(expr, node) === '=');
  let [spelled, from] = ['', 0];
  for (const { node, label } of found) {
    const spellings = spellingsOf(textOf(expr, node));
    if (spellings.length === 1) continue;
    spelled += expr.slice(from, node.from) + printMatchers({ [label]: spellings });
    from = node.to;
  }
  return spelled + expr.slice(from);
}

interface FoundMatcher {
  readonly node: SyntaxNode;
  readonly label: string;
  /** The name in front of the braces. */
  readonly metric: string | undefined;
}

function readMatchers(expr: string): FoundMatcher[] {
  const found: FoundMatcher[] = [];
  if (!/\b(?:le|quantile)\s*[=!]/.test(expr)) return found;
  const text = ({ from, to }: SyntaxNode) => expr.slice(from, to);
  parsePromql(expr)
    .cursor()
    .iterate(({ name, node }) => {
      if (name !== 'VectorSelector') return;
      const identifier = node.getChild('Identifier');
      const list = node.getChild('LabelMatchers');
      for (const matcher of list ? children(list) : []) {
        const label = matcher.getChild('LabelName');
        if (label) found.push({ node: matcher, label: text(label), metric: identifier ? text(identifier) : undefined });
      }
    });
  return found;
}

function operatorOf(expr: string, matcher: SyntaxNode): string {
  const operator = matcher.getChild('MatchOp');
  return operator ? expr.slice(operator.from, operator.to) : '';
}

function textOf(expr: string, matcher: SyntaxNode): string {
  const value = matcher.getChild('StringLiteral');
  return value ? expr.slice(value.from + 1, value.to - 1) : '';
}

const boundPattern = /^(?:\+?Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

function boundsOf(expr: string, matcher: SyntaxNode): readonly string[] | undefined {
  const [operator, value] = [operatorOf(expr, matcher), textOf(expr, matcher)];
  if (operator === '=') return [value];
  // A list of bounds such as 5|10 or 5(\.0)? can be read; any other regular expression is left to Prometheus.
  const list = value.replaceAll(/\(\\{1,2}\.0\)\?/g, '').replaceAll(/\\{1,2}(?=[.+])/g, '');
  return operator === '=~' && list.split('|').every((bound) => boundPattern.test(bound)) ? list.split('|') : undefined;
}
