/**
 * Events that users count by PromQL of their own. In: what they wrote. Out: PromQL for the number of the last minute, or what
 * is wrong with it. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { firstExpression, parsePromql } from '#base/promql/promql-tree.ts';
import { reasons } from '../../api/names.ts';
import { WINDOW_PLACEHOLDER } from '../../api/objective-schema.ts';
import type { IsExternal } from '../promql/check-names.ts';
import { checkQuery, type QueryProblem } from '../promql/check-query.ts';
import { minuteGrowth } from './minute-growth.ts';

export type CountedEvents = { readonly expr: string } | { readonly problem: QueryProblem };

/** Long enough for scrapes two minutes apart; spread over its minutes, each event still counts once. */
const WINDOW_MINUTES = 5;

/** As long as the placeholder, so that a position in one text is the same in the other. */
const CHECKED_WINDOW = `${WINDOW_MINUTES}m`.padStart(WINDOW_PLACEHOLDER.length, '0');

export function countCustomEvents(text: string, isExternal: IsExternal): CountedEvents {
  if (!text.includes(WINDOW_PLACEHOLDER)) return countSelector(text, isExternal);
  const expr = text.replaceAll(WINDOW_PLACEHOLDER, `${WINDOW_MINUTES}m`);
  // On lines of its own: a comment at its end must not swallow what follows.
  const sum = `sum(\n${expr}\n)`;
  const checked = text.replaceAll(WINDOW_PLACEHOLDER, CHECKED_WINDOW);
  const problem = checkQuery(checked, isExternal) ?? checkQuery(sum, isExternal);
  return problem ? { problem } : { expr: `${sum} / ${WINDOW_MINUTES}` };
}

function countSelector(text: string, isExternal: IsExternal): CountedEvents {
  const problem = checkQuery(text, isExternal);
  if (problem) return { problem };
  const root = firstExpression(parsePromql(text));
  if (root?.name !== 'VectorSelector') {
    const message = `must be a selector of counters, or count its events over [${WINDOW_PLACEHOLDER}]`;
    return { problem: { reason: reasons.ruleDoesNotParse, message } };
  }
  return { expr: minuteGrowth(text.slice(root.from, root.to), targetMatchersOf(root, text)) };
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
