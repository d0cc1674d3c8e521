/**
 * Checks whether Prometheus would load a string as the `expr` of a rule. Returns undefined if so, or else a message
 * that says what is wrong and where. Prometheus' own grammar parses the expression; this file checks the types, which
 * the grammar does not check. Never throws. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { checkRegExp, matchesEmpty } from './check-regexp.ts';
import { aggregations, functions, type PromqlType, type Signature } from './promql-signatures.ts';
import {
  children,
  comparisons,
  firstExpression,
  groupingLabels,
  operands,
  operatorOf,
  parsePromql,
  setOperators,
  Wrong,
} from './promql-tree.ts';

export function checkPromql(expr: string): string | undefined {
  const tree = parsePromql(expr);
  const syntax = findSyntaxError(tree, expr);
  if (syntax) return syntax;
  try {
    const root = firstExpression(tree);
    if (!root) return 'is empty';
    refuseExperimental(tree, expr);
    const type = new Checker(expr).typeOf(root);
    if (type === 'matrix') return 'is a range of samples: wrap it in a function such as rate() or max_over_time()';
    return type === 'string' ? 'is a string, not something that can be true' : undefined;
  } catch (error) {
    if (error instanceof Wrong) return `${error.message}, at position ${error.at.from + 1}`;
    throw error;
  }
}

function findSyntaxError(tree: SyntaxNode, expr: string): string | undefined {
  let at: number | undefined;
  tree.cursor().iterate((node) => {
    if (node.type.isError) at ??= node.from;
  });
  if (at === undefined) return undefined;
  const called = expr.slice(at).startsWith('(') && /[A-Za-z_]\w*\s*$/.exec(expr.slice(0, at))?.[0].trim();
  if (called) return `function ${called} is unknown, at position ${at - called.length + 1}`;
  const found = expr.slice(at).trim();
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
/**
 * Names of the syntax nodes that a range such as [5m] can follow without parentheses around the node. After any other
 * node, Prometheus would apply the range to the last operand only.
 */
const closed = new Set([
  'VectorSelector',
  'FunctionCall',
  'AggregateExpr',
  'ParenExpr',
  'OffsetExpr',
  'StepInvariantExpr',
]);
const literal = /^(?:\d+(?:y|w|d|h|ms|m|s))+$/;

function refuseExperimental(tree: SyntaxNode, expr: string): void {
  tree.cursor().iterate((node) => {
    if (!experimental.has(node.name)) return;
    throw new Wrong(
      node.node,
      `uses ${expr.slice(node.from, node.to)}, which Prometheus takes only in new versions or behind a flag`,
    );
  });
}

class Checker {
  readonly #expr: string;
  constructor(expr: string) {
    this.#expr = expr;
  }

  typeOf(node: SyntaxNode): PromqlType {
    switch (node.name) {
      case 'NumberDurationLiteral':
        return this.#number(node);
      case 'StringLiteral':
        this.#string(node);
        return 'string';
      case 'VectorSelector':
        return this.#selector(node);
      case 'MatrixSelector':
        return this.#range(node, 'VectorSelector');
      case 'SubqueryExpr':
        return this.#range(node, undefined);
      case 'OffsetExpr':
      case 'StepInvariantExpr':
        return this.#shifted(node);
      case 'ParenExpr':
        return this.typeOf(operands(node)[0] as SyntaxNode);
      case 'UnaryExpr':
        return this.#unary(node);
      case 'BinaryExpr':
        return this.#binary(node);
      case 'FunctionCall':
        return this.#call(node, node.getChild('FunctionIdentifier'), functions, 'function');
      case 'AggregateExpr':
        return this.#call(node, node.getChild('AggregateOp'), aggregations, 'aggregation');
      default:
        throw new Wrong(node, `${this.#text(node)} is not understood`);
    }
  }

  #text({ from, to }: SyntaxNode): string {
    return this.#expr.slice(from, to);
  }

  #number(node: SyntaxNode): PromqlType {
    const text = this.#text(node).replace(/^[-+]\s*/, '');
    if (/^(\d+(y|w|d|h|ms|m|s))+$/.test(text))
      throw new Wrong(node, `${text} is a duration, where a number is expected`);
    if (/[\w.]/.test(this.#expr[node.to] ?? '')) throw new Wrong(node, `${text} needs a space after it`);
    if (/^[\d.]/.test(text) && !Number.isFinite(Number(text)))
      throw new Wrong(node, `${text} is too large for a number`);
    return 'scalar';
  }

  #string(node: SyntaxNode): string {
    const text = this.#text(node);
    const inner = text.slice(1, -1);
    if (text[0] === '`') return inner;
    const other = text[0] === '"' ? "'" : '"';
    const bad = [...inner.matchAll(/\\([\s\S])/g)].find(
      ([, letter = '']) => letter === other || !'abfnrtv\\"\''.includes(letter),
    );
    if (bad) throw new Wrong(node, `${text} has ${bad[0]}, which Prometheus does not know; write \\\\ for a backslash`);
    return inner.replace(/\\([\\"'])/g, '$1');
  }

  #selector(node: SyntaxNode): PromqlType {
    const name = node.getChild('Identifier');
    if (name && this.#text(name).toLowerCase() === 'atan2') throw new Wrong(name, 'atan2 is an operator, not a metric');
    const named = name !== null;
    const matchers = node.getChild('LabelMatchers');
    const each = matchers ? children(matchers).filter((child) => child.name !== 'LineComment') : [];
    const selective = each.map((matcher) => this.#matcher(matcher, named));
    if (!named && !selective.includes(true)) {
      throw new Wrong(
        node,
        `${this.#text(node)} selects everything: name a metric, or match a label with something that is not empty`,
      );
    }
    return 'vector';
  }

  /** Returns whether the matcher excludes series that lack the matcher's label. */
  #matcher(node: SyntaxNode, named: boolean): boolean {
    const value = node.getChild('StringLiteral');
    const operator = node.getChild('MatchOp');
    if (!value || !operator) throw new Wrong(node, `${this.#text(node)} is not understood`);
    const text = this.#string(value);
    const operatorText = this.#text(operator);
    const label = node.getChild('LabelName');
    if (named && label && this.#text(label) === '__name__') throw new Wrong(node, 'the metric is named twice');
    if (!operatorText.includes('~')) return (operatorText === '=') !== (text === '');
    const wrong = checkRegExp(text);
    if (wrong) throw new Wrong(value, `regular expression ${this.#text(value)} ${wrong}`);
    return matchesEmpty(text) === (operatorText === '!~');
  }

  #range(node: SyntaxNode, inner: string | undefined): PromqlType {
    const [selector, ...durations] = children(node).filter((child) => child.name !== 'LineComment');
    if (!selector || !closed.has(selector.name) || (inner && selector.name !== inner))
      throw new Wrong(node, 'a range must follow a selector');
    const type = this.typeOf(selector);
    if (type !== 'vector') throw new Wrong(node, `a range cannot be taken of a ${type}`);
    for (const duration of durations) this.#duration(duration);
    return 'matrix';
  }

  #duration(node: SyntaxNode): void {
    const text = this.#text(node).replace(/^[[:\s]+|[\]\s]+$/g, '');
    if (!literal.test(text)) throw new Wrong(node, `${text} is not a plain duration such as 5m`);
    if (!/[1-9]/.test(text)) throw new Wrong(node, 'a range must be longer than 0');
  }

  #shifted(node: SyntaxNode): PromqlType {
    const inner = operands(node)[0] as SyntaxNode;
    const shiftable = ['VectorSelector', 'MatrixSelector', 'SubqueryExpr', 'OffsetExpr', 'StepInvariantExpr'];
    if (!shiftable.includes(inner.name)) throw new Wrong(node, 'offset and @ can only follow a selector or a subquery');
    if (inner.name === node.name) throw new Wrong(node, 'offset or @ appears twice');
    const time = node.getChild('NumberDurationLiteral');
    if (time) this.#number(time);
    if (time && !/\d/.test(this.#text(time))) throw new Wrong(time, `${this.#text(time)} is not a time`);
    const by = node.getChild('OffsetDurationExpr');
    if (by && !/^-?(\d+(y|w|d|h|ms|m|s))+$/.test(this.#text(by)))
      throw new Wrong(by, `${this.#text(by)} is not a plain duration such as 5m`);
    return this.typeOf(inner);
  }

  #unary(node: SyntaxNode): PromqlType {
    const type = this.typeOf(operands(node)[0] as SyntaxNode);
    if (type === 'matrix' || type === 'string') throw new Wrong(node, `a ${type} has no sign`);
    return type;
  }

  #binary(node: SyntaxNode): PromqlType {
    const operator = operatorOf(node) as SyntaxNode;
    const types = operands(node).map((operand) => {
      const type = this.typeOf(operand);
      if (type === 'matrix' || type === 'string')
        throw new Wrong(operand, `${this.#text(operator)} cannot take a ${type}`);
      return type;
    });
    const vectors = types.every((type) => type === 'vector');
    const bool = node.getChild('BoolModifier') ?? node.getChild('MatchingModifierClause')?.getChild('BoolModifier');
    if (bool && !comparisons.has(operator.name)) throw new Wrong(bool, 'bool can only follow a comparison');
    if (comparisons.has(operator.name) && !types.includes('vector') && !bool)
      throw new Wrong(operator, 'a comparison of two numbers needs bool');
    if (setOperators.has(operator.name) && !vectors)
      throw new Wrong(operator, `${this.#text(operator)} needs a vector on both sides`);
    const matching = node.getChild('MatchingModifierClause');
    if (matching) this.#matching(matching, vectors, setOperators.has(operator.name));
    return types.includes('vector') ? 'vector' : 'scalar';
  }

  #matching(node: SyntaxNode, vectors: boolean, setOperator: boolean): void {
    const group = node.getChild('GroupLeft') ?? node.getChild('GroupRight');
    if (!vectors && (node.getChild('On') || node.getChild('Ignoring')))
      throw new Wrong(node, 'on and ignoring need a vector on both sides');
    if (group && setOperator) throw new Wrong(group, 'and, or and unless cannot be grouped');
    const [labels, included] = groupingLabels(node).map((list) => list.map((label) => this.#text(label)));
    const twice = node.getChild('On') && labels?.find((label) => included?.includes(label));
    if (twice) throw new Wrong(node, `label ${twice} appears both in on and in the group`);
  }

  #call(
    node: SyntaxNode,
    name: SyntaxNode | null,
    known: Readonly<Record<string, Signature>>,
    what: string,
  ): PromqlType {
    const called = name ? this.#text(name).toLowerCase() : '';
    const signature = Object.hasOwn(known, called) ? known[called] : undefined;
    if (!signature) throw new Wrong(node, `${what} ${called} is unknown, or experimental in Prometheus`);
    const body = node.getChild('FunctionCallBody');
    const given = body ? operands(body) : [];
    this.#count(node, called, signature, given.length);
    for (const [index, argument] of given.entries()) {
      const wanted = signature.takes[Math.min(index, signature.takes.length - 1)];
      const type = this.typeOf(argument);
      if (type !== wanted)
        throw new Wrong(argument, `${called}() takes a ${describe(wanted)} here, not a ${describe(type)}`);
    }
    return signature.answers;
  }

  #count(node: SyntaxNode, called: string, { takes, optional = 0 }: Signature, given: number): void {
    const least = takes.length - (optional === 'more' ? 1 : optional);
    const most = optional === 'more' ? Number.POSITIVE_INFINITY : takes.length;
    if (given >= least && given <= most) return;
    const wanted = least === most ? `${least}` : optional === 'more' ? `at least ${least}` : `${least} to ${most}`;
    throw new Wrong(node, `${called}() takes ${wanted} arguments, not ${given}`);
  }
}

const described: Readonly<Record<PromqlType, string>> = {
  scalar: 'number',
  vector: 'vector',
  matrix: 'range such as [5m]',
  string: 'string',
};

function describe(type: PromqlType | undefined): string {
  return type ? described[type] : 'nothing';
}
