/**
 * Mutates a rule, one change at a time: a limit, a window, a comparison, an operator, an aggregation, a matcher, a label, or `for`.
 * At least one case must notice each mutant. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { formatDuration, parseDurationSeconds } from '#base/duration.ts';
import { isAlertRule, type Rule } from '#controller/compile/objects/generated-object.ts';

export interface Mutation {
  /** The change and its position, as text. */
  readonly what: string;
  /** The text that the change replaces. */
  readonly piece: string;
  readonly kind: MutationKind;
  readonly rule: Rule;
}

export const mutationKinds = [
  'limit',
  'number',
  'window',
  'comparison',
  'operator',
  'aggregation',
  'matcher',
  'label',
  'for',
] as const;
type MutationKind = (typeof mutationKinds)[number];

/** Pieces of an expression that change together, and their new text. */
interface Change {
  readonly kind: MutationKind;
  readonly piece: string;
  readonly text: string;
  readonly places: { readonly from: number; readonly to: number }[];
}

const turned: Readonly<Record<string, string>> = { Gtr: '<', Lss: '>', Gte: '<', Lte: '>', Eql: '!=', Neq: '==' };
const otherOperator: Readonly<Record<string, string>> = {
  And: 'unless',
  Unless: 'and',
  Or: 'and',
  Add: '-',
  Sub: '+',
  Mul: '/',
  Div: '*',
  Mod: '+',
  Pow: '*',
};
const otherAggregation: Readonly<Record<string, string>> = {
  Sum: 'count',
  Max: 'min',
  Min: 'max',
  Count: 'sum',
  SumOverTime: 'count_over_time',
  MaxOverTime: 'min_over_time',
};
const NOBODY = 'somebody-elses';
/** Mutants change `for` by this many seconds, which is twice the interval at which the cases are evaluated. */
const STEP_SECONDS = 30;

export function mutateRule(rule: Rule): Mutation[] {
  const { expr } = rule;
  const changed = listChanges(expr).map(({ kind, piece, text, places }) => {
    const [{ from, to } = { from: 0, to: 0 }] = places;
    const what = `${kind} ${expr.slice(from, to)} → ${text} at ${places.map((one) => one.from).join(', ')}`;
    return { what, kind, piece, rule: { ...rule, expr: applyChange(expr, text, places) } };
  });
  return [...changed, ...mutateLabels(rule), ...mutateFor(rule)];
}

function applyChange(expr: string, text: string, places: Change['places']): string {
  return places.toReversed().reduce((now, { from, to }) => `${now.slice(0, from)}${text}${now.slice(to)}`, expr);
}

function mutateLabels(rule: Rule): Mutation[] {
  return Object.entries(rule.labels ?? {}).map(([label, value]) => ({
    what: `label ${label}="${value}"`,
    kind: 'label',
    piece: `${label}="${value}"`,
    rule: { ...rule, labels: { ...rule.labels, [label]: NOBODY } },
  }));
}

function mutateFor(rule: Rule): Mutation[] {
  if (!isAlertRule(rule)) return [];
  const held = parseDurationSeconds(rule.for ?? '0s');
  const others = held > STEP_SECONDS ? [held - STEP_SECONDS, held + STEP_SECONDS] : [held + STEP_SECONDS];
  return others.map((seconds) => ({
    what: `for ${rule.for} → ${seconds}s`,
    kind: 'for',
    piece: `for ${rule.for}`,
    rule: { ...rule, for: `${seconds}s` },
  }));
}

/**
 * Equal windows in an expression change together, because one place in the source produces all of them. For the same reason, equal
 * matchers of a metric change together. Everything else changes alone.
 */
function listChanges(expr: string): Change[] {
  const changes = new Map<string, Change>();
  parser.parse(expr).iterate({
    enter: ({ name, from, to, node }) => {
      const text = expr.slice(from, to);
      const add = (kind: MutationKind, replacement: string, fact = `at ${from}`, piece = text) => {
        const key = `${kind} ${fact} ${replacement}`;
        const change = changes.get(key) ?? { kind, piece, text: replacement, places: [] };
        change.places.push({ from, to });
        changes.set(key, change);
      };
      if (name in turned) add('comparison', turned[name] ?? '');
      if (name in otherOperator) add('operator', otherOperator[name] ?? '');
      if (name in otherAggregation) add('aggregation', otherAggregation[name] ?? '');
      if (name === 'StringLiteral' && node.parent?.name.endsWith('LabelMatcher')) {
        const matched = expr.slice(node.parent.from, to);
        add('matcher', `"${NOBODY}"`, `${metricOf(node, expr)} ${matched}`, matched);
      }
      if (name === 'NumberDurationLiteralInDurationContext')
        for (const factor of [0.25, 4]) add('window', formatDuration(parseDurationSeconds(text) * factor), text);
      if (name === 'NumberDurationLiteral' && isLimit(node))
        for (const other of otherLimits(Number(text))) add('limit', other);
      if (name === 'NumberDurationLiteral' && !isLimit(node)) add('number', otherNumber(Number(text)));
    },
  });
  return [...changes.values()];
}

function metricOf(node: SyntaxNode, expr: string): string {
  let selector: SyntaxNode | null = node;
  while (selector && selector.name !== 'VectorSelector') selector = selector.parent;
  const metric = selector?.getChild('Identifier');
  return metric ? expr.slice(metric.from, metric.to) : '';
}

/** Returns whether a number is one side of a comparison. */
function isLimit({ parent }: SyntaxNode): boolean {
  return parent?.name === 'BinaryExpr' && Object.keys(turned).some((operator) => parent.getChild(operator));
}

/**
 * Returns other limits to try instead of this one. A limit of 0 gets no small alternative such as 0.5, which means the
 * same for a count, a whole number.
 */
function otherLimits(limit: number): string[] {
  return limit === 0 ? ['1e9'] : [String(limit * 0.7), String(limit * 1.4)];
}

function otherNumber(number: number): string {
  return number === 0 ? '1' : String(number * 1.4);
}
