/**
 * Checks whether Prometheus would load a string as the `expr` of a rule. Returns undefined if so, or else a message
 * that says what is wrong and where. Prometheus' own grammar parses the expression; this file checks the types, which
 * the grammar does not check. Never throws. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { BadString, checkDuration, checkNumber, NEWER, unquote } from './check-literal.ts';
import { checkRegExp, matchesEmpty } from './check-regexp.ts';
import { findSyntaxError, refuseExperimental } from './check-syntax.ts';
import { findExcess } from './find-excess.ts';
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
  const wrong = findSyntaxError(expr) ?? findExcess(expr);
  if (wrong) return wrong;
  const tree = parsePromql(expr);
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
    const text = this.#unsigned(node);
    const wrong = checkNumber(text);
    if (wrong) throw new Wrong(node, `${text} ${wrong}`);
    this.#needSpace(node);
    return 'scalar';
  }

  #needSpace(node: SyntaxNode): void {
    if (/[\w.]/.test(this.#expr[node.to] ?? '')) throw new Wrong(node, `${this.#text(node)} needs a space after it`);
  }

  /** Returns the text of a number or a duration without its sign and without comments. */
  #unsigned(node: SyntaxNode): string {
    return this.#text(node)
      .replace(/#[^\n\r]*/g, '')
      .replace(/^[-+]\s*/, '');
  }

  #string(node: SyntaxNode): string {
    const text = this.#text(node);
    try {
      return unquote(text);
    } catch (error) {
      if (error instanceof BadString) throw new Wrong(node, `${text} ${error.message}`);
      throw error;
    }
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
    // A metric's name selects already, so that nobody asks what else does.
    return named || matchesEmpty(text) === (operatorText === '!~');
  }

  #range(node: SyntaxNode, inner: string | undefined): PromqlType {
    const parts = children(node);
    const comment = parts.find(({ name, from }) => name === 'LineComment' && /\[\s*$/.test(this.#expr.slice(0, from)));
    if (comment) throw new Wrong(comment, 'a comment cannot follow [');
    const [selector, ...durations] = parts.filter(({ name }) => name !== 'LineComment');
    if (!selector || !closed.has(selector.name) || (inner && selector.name !== inner))
      throw new Wrong(node, 'a range must follow a selector');
    const type = this.typeOf(selector);
    if (type !== 'vector') throw new Wrong(node, `a range cannot be taken of a ${type}`);
    for (const duration of durations) this.#duration(duration);
    return 'matrix';
  }

  #duration(node: SyntaxNode): void {
    const text = this.#unsigned(node);
    const wrong = this.#text(node).startsWith('+') ? `has a plus, ${NEWER}` : checkDuration(text);
    if (wrong) throw new Wrong(node, `${text} ${wrong}`);
    this.#needSpace(node);
  }

  #shifted(node: SyntaxNode): PromqlType {
    const inner = operands(node)[0] as SyntaxNode;
    const shiftable = ['VectorSelector', 'MatrixSelector', 'SubqueryExpr', 'OffsetExpr', 'StepInvariantExpr'];
    if (!shiftable.includes(inner.name)) throw new Wrong(node, 'offset and @ can only follow a selector or a subquery');
    if (inner.name === node.name) throw new Wrong(node, 'offset or @ appears twice');
    const time = node.getChild('NumberDurationLiteral');
    if (time) this.#time(time);
    const by = node.getChild('OffsetDurationExpr');
    if (by) this.#duration(by);
    return this.typeOf(inner);
  }

  #time(node: SyntaxNode): void {
    this.#number(node);
    const seconds = Number(this.#unsigned(node));
    if (!(seconds < 2 ** 63)) throw new Wrong(node, `${this.#text(node)} is not a time`);
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
    if (vectors && group && setOperator) throw new Wrong(group, 'and, or and unless cannot be grouped');
    const [labels = [], included] = groupingLabels(node).map((list) => this.#labels(list));
    if (!vectors && labels.length > 0) throw new Wrong(node, 'on and ignoring need a vector on both sides');
    const twice = node.getChild('On') && labels.find((label) => included?.includes(label));
    if (twice) throw new Wrong(node, `label ${twice} appears both in on and in the group`);
  }

  /** Returns the labels of a list in parentheses. Prometheus' lexer takes some words for something else there. */
  #labels(list: readonly SyntaxNode[]): string[] {
    return list.map((label) => {
      const text = this.#text(label);
      if (/^(inf|nan|without)$/i.test(text)) throw new Wrong(label, `${text} cannot be a label here`);
      return text;
    });
  }

  #call(
    node: SyntaxNode,
    name: SyntaxNode | null,
    known: Readonly<Record<string, Signature>>,
    what: string,
  ): PromqlType {
    const called = name ? this.#text(name).toLowerCase() : '';
    const signature = Object.hasOwn(known, called) ? known[called] : undefined;
    if (!signature) throw new Wrong(node, `${what} ${called} is unknown, or one ${NEWER}`);
    for (const list of groupingLabels(node.getChild('AggregateModifier') ?? node)) this.#labels(list);
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
