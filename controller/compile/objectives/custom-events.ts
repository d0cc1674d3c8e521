/**
 * Events that users count by PromQL of their own. In: what they wrote. Out: PromQL for the number of the last minute, or what
 * is wrong with it. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { WINDOW_PLACEHOLDER } from '../../api/objective-schema.ts';
import { checkPromql } from '../check-promql.ts';
import { minuteGrowth } from './minute-growth.ts';

export type CountedEvents = { readonly expr: string } | { readonly problem: string };

/** Long enough for scrapes two minutes apart; spread over its minutes, each event still counts once. */
const WINDOW_MINUTES = 5;

export function countCustomEvents(text: string): CountedEvents {
  if (!text.includes(WINDOW_PLACEHOLDER)) return countSelector(text);
  const expr = text.replaceAll(WINDOW_PLACEHOLDER, `${WINDOW_MINUTES}m`);
  // On lines of its own: a comment at its end must not swallow what follows.
  const sum = `sum(\n${expr}\n)`;
  const problem = checkPromql(expr) ?? checkPromql(sum);
  return problem ? { problem } : { expr: `${sum} / ${WINDOW_MINUTES}` };
}

function countSelector(text: string): CountedEvents {
  const problem = checkPromql(text);
  if (problem) return { problem };
  const root = firstExpression(parser.parse(text).topNode);
  if (root?.name !== 'VectorSelector') {
    return {
      problem: `must be a selector of counters, or count its events over [${WINDOW_PLACEHOLDER}]`,
    };
  }
  return { expr: minuteGrowth(text.slice(root.from, root.to), targetMatchersOf(root, text)) };
}

function firstExpression(top: SyntaxNode): SyntaxNode | undefined {
  for (let node = top.firstChild; node; node = node.nextSibling) if (node.name !== 'LineComment') return node;
  return undefined;
}

/** What the selector says of its targets: whose `up` tells whether a series was born. */
function targetMatchersOf(selector: SyntaxNode, text: string): string {
  const matchers: string[] = [];
  const list = selector.getChild('LabelMatchers');
  for (let node = list?.firstChild; node; node = node.nextSibling) {
    const label = node.getChild('LabelName');
    if (label && ['job', 'namespace', 'instance'].includes(text.slice(label.from, label.to)))
      matchers.push(text.slice(node.from, node.to));
  }
  return matchers.join(',');
}
