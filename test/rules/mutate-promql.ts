/**
 * What may go wrong in a rule, one change at a time: a limit, a window, a comparison, an aggregation, a label that is matched, the
 * time it must hold. Pure. In: a rule. Out: its mutants, each of which some case must tell from it.
 */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { AlertRule } from '#controller/compile/alert-rule.ts';
import { formatDuration, parseDurationSeconds } from '#timing/duration.ts';

export interface Mutant {
  /** The alert, what was changed, and where. */
  readonly name: string;
  readonly kind: MutationKind;
  readonly rule: AlertRule;
}

export const mutationKinds = ['limit', 'window', 'comparison', 'aggregation', 'matcher', 'for'] as const;
export type MutationKind = (typeof mutationKinds)[number];

/** Pieces of an expression that change together, and what to put in their place. */
interface Change {
  readonly kind: MutationKind;
  readonly text: string;
  readonly places: { readonly from: number; readonly to: number }[];
}

const turned: Readonly<Record<string, string>> = { Gtr: '<', Lss: '>', Gte: '<', Lte: '>', Eql: '!=', Neq: '==' };
const otherAggregation: Readonly<Record<string, string>> = { Sum: 'count', Max: 'min', Min: 'max', Count: 'sum' };
/** Two evaluations of the cases. */
const STEP_SECONDS = 30;

export function mutateRule(rule: AlertRule): Mutant[] {
  const { alert, expr } = rule;
  const changed = listChanges(expr).map(({ kind, text, places }) => {
    const [{ from, to } = { from: 0, to: 0 }] = places;
    const name = `${alert}: ${kind} ${expr.slice(from, to)} → ${text} at ${places.map((one) => one.from).join(', ')}`;
    return { name, kind, rule: { ...rule, expr: applyChange(expr, text, places) } };
  });
  return [...changed, ...mutateFor(rule)];
}

function applyChange(expr: string, text: string, places: Change['places']): string {
  return places.toReversed().reduce((now, { from, to }) => `${now.slice(0, from)}${text}${now.slice(to)}`, expr);
}

function mutateFor(rule: AlertRule): Mutant[] {
  const held = parseDurationSeconds(rule.for ?? '0s');
  const others = held > STEP_SECONDS ? [held - STEP_SECONDS, held + STEP_SECONDS] : [held + STEP_SECONDS];
  return others.map((seconds) => ({
    name: `${rule.alert}: for ${rule.for} → ${seconds}s`,
    kind: 'for' as const,
    rule: { ...rule, for: `${seconds}s` },
  }));
}

/**
 * A window that stands several times is one fact of its recipe, as is a matcher of a metric: they change everywhere at once.
 * Everything else changes by itself.
 */
function listChanges(expr: string): Change[] {
  const changes = new Map<string, Change>();
  parser.parse(expr).iterate({
    enter: ({ name, from, to, node }) => {
      const text = expr.slice(from, to);
      const add = (kind: MutationKind, replacement: string, fact = `at ${from}`) => {
        const key = `${kind} ${fact} ${replacement}`;
        const change = changes.get(key) ?? { kind, text: replacement, places: [] };
        change.places.push({ from, to });
        changes.set(key, change);
      };
      if (name in turned) add('comparison', turned[name] ?? '');
      if (name in otherAggregation && node.parent?.name === 'AggregateOp')
        add('aggregation', otherAggregation[name] ?? '');
      if (name === 'StringLiteral' && node.parent?.name.endsWith('LabelMatcher'))
        add('matcher', '"somebody-elses"', `${metricOf(node, expr)} ${expr.slice(node.parent.from, to)}`);
      if (name === 'NumberDurationLiteralInDurationContext')
        for (const factor of [0.25, 4]) add('window', formatDuration(parseDurationSeconds(text) * factor), text);
      if (name === 'NumberDurationLiteral' && isLimit(node))
        for (const other of otherLimits(Number(text))) add('limit', other);
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

/** A number that something is compared with. */
function isLimit({ parent }: SyntaxNode): boolean {
  return parent?.name === 'BinaryExpr' && Object.keys(turned).some((operator) => parent.getChild(operator));
}

/** Of a count, none and a half are the same limit. */
function otherLimits(limit: number): string[] {
  return limit === 0 ? ['1e9'] : [String(limit * 0.7), String(limit * 1.4)];
}
