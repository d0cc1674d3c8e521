/**
 * Finds out what a custom indicator counts: a number of events, a rate of events, or something else. Only a number of events can be
 * compared with `minEvents` and summed over the window of an objective. Pure.
 */
import type { SyntaxNode } from '@lezer/common';
import { firstExpression, operands, operatorOf, parsePromql, setOperators, Wrong } from '#base/promql/promql-tree.ts';
import { reasons } from '../../api/names.ts';
import { WINDOW_PLACEHOLDER } from '../../api/objective-schema.ts';
import type { QueryProblem } from '../promql/check-query.ts';
import { metricType } from '../promql/known-series.ts';

/**
 * `events`: their number within the range. `rate`: their number per second. `total`: the value of a counter, which has counted
 * since the process began. `level`: a value that rises and falls, such as a gauge. `number`: a constant. `unknown`: none of these
 * for certain, so that nothing is refused for it.
 */
type EventUnit = 'events' | 'rate' | 'total' | 'level' | 'ratio' | 'number' | 'unknown';

/** Units of functions whatever their argument. A function that is in no list has the unit of its first vector. */
const unitOfFunction = new Map<string, EventUnit>([
  ...['increase', 'changes', 'resets', 'count_over_time', 'sum_over_time'].map((name) => [name, 'events'] as const),
  ...['rate', 'irate'].map((name) => [name, 'rate'] as const),
  ...['avg_over_time', 'min_over_time', 'max_over_time', 'quantile_over_time'].map((name) => [name, 'level'] as const),
  ...['stddev_over_time', 'stdvar_over_time', 'delta', 'idelta', 'deriv'].map((name) => [name, 'level'] as const),
  ...['predict_linear', 'histogram_quantile', 'histogram_avg', 'timestamp'].map((name) => [name, 'level'] as const),
  ...['scalar', 'time', 'vector', 'pi'].map((name) => [name, 'number'] as const),
  ...['absent', 'absent_over_time', 'present_over_time'].map((name) => [name, 'unknown'] as const),
]);
/** Functions that only make sense on counters. */
const onCounters = new Set(['increase', 'rate', 'irate']);
const aggregationsOfOthers = new Set(['count', 'group', 'count_values', 'quantile', 'stddev', 'stdvar']);

/**
 * Returns the unit of an expression that checkQuery accepts.
 * @throws Wrong at a function of counters that is applied to a gauge
 */
export function unitOf(expr: string): EventUnit {
  const root = firstExpression(parsePromql(expr));
  return root ? new UnitFinder(expr).unitOf(root) : 'unknown';
}

const HOW_TO_COUNT = `write a selector of counters, such as my_requests_total{code=~"5.."}, or count them over the window, such as increase(my_requests_total[${WINDOW_PLACEHOLDER}])`;

/** What an expression with the placeholder must return, by the unit that it has instead. */
const notEvents: Readonly<Partial<Record<EventUnit, string>>> = {
  total: 'is the value of a counter since its process began',
  level: 'is a value that rises and falls, not a number of events',
  ratio: 'is a ratio, not a number of events',
  number: 'is a constant, not a number of events',
};

/**
 * Returns why an expression returns no number of events. A rate is not refused, because it can be converted.
 * @param window the duration that replaces the placeholder in the expression
 */
export function checkUnit(expr: string, window: string): QueryProblem | undefined {
  try {
    const wrong = notEvents[unitOf(expr)];
    return wrong === undefined ? undefined : problem(wrong);
  } catch (error) {
    if (error instanceof Wrong) return problem(error.message.replaceAll(window, WINDOW_PLACEHOLDER));
    throw error;
  }
}

/** Returns a problem if a selector selects a gauge, whose growth counts nothing. */
export function checkCounter(selector: string): QueryProblem | undefined {
  return unitOf(selector) === 'level' ? problem('is a gauge, whose value is not a number of events') : undefined;
}

function problem(message: string): QueryProblem {
  return { reason: reasons.notEvents, message: `${message}; ${HOW_TO_COUNT}` };
}

class UnitFinder {
  readonly #expr: string;
  constructor(expr: string) {
    this.#expr = expr;
  }

  unitOf(node: SyntaxNode): EventUnit {
    switch (node.name) {
      case 'NumberDurationLiteral':
      case 'StringLiteral':
        return 'number';
      case 'VectorSelector':
        return this.#selector(node);
      case 'FunctionCall':
        return this.#call(node);
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        return this.unitOf(operands(node)[0] as SyntaxNode);
    }
  }

  #text({ from, to }: SyntaxNode): string {
    return this.#expr.slice(from, to);
  }

  #selector(node: SyntaxNode): EventUnit {
    const name = node.getChild('Identifier');
    const type = name ? metricType(this.#text(name)) : undefined;
    if (type === undefined) return 'unknown';
    return type === 'counter' ? 'total' : 'level';
  }

  #call(node: SyntaxNode): EventUnit {
    const name = this.#text(node.getChild('FunctionIdentifier') as SyntaxNode).toLowerCase();
    const body = node.getChild('FunctionCallBody');
    const units = body ? operands(body).map((argument) => this.unitOf(argument)) : [];
    if (onCounters.has(name) && units[0] === 'level') {
      const of = this.#text(body ?? node);
      throw new Wrong(node, `${name}${of} counts nothing, because it reads a gauge or another value that falls`);
    }
    return unitOfFunction.get(name) ?? units.find((unit) => unit !== 'number') ?? 'number';
  }

  #aggregate(node: SyntaxNode): EventUnit {
    const name = this.#text(node.getChild('AggregateOp') as SyntaxNode).toLowerCase();
    const body = operands(node.getChild('FunctionCallBody') as SyntaxNode);
    const inner = this.unitOf(body.at(-1) as SyntaxNode);
    return aggregationsOfOthers.has(name) ? 'unknown' : inner;
  }

  #binary(node: SyntaxNode): EventUnit {
    const [left = 'unknown', right = 'unknown'] = operands(node).map((operand) => this.unitOf(operand));
    const operator = operatorOf(node)?.name ?? '';
    if (operator === 'Or') return this.#added(node, left, right);
    if (setOperators.has(operator)) return left;
    if (operator === 'Sub' && left === 'total' && right === 'total') return 'events';
    if (operator === 'Add' || operator === 'Sub') return this.#added(node, left, right);
    if (operator === 'Mul') return multiplied(left, right);
    if (operator === 'Div') return divided(left, right);
    return node.getChild('BoolModifier') || operator === 'Pow' ? 'unknown' : left === 'number' ? right : left;
  }

  #added(node: SyntaxNode, left: EventUnit, right: EventUnit): EventUnit {
    if (left === right || right === 'number') return left;
    if (left === 'number') return right;
    const both = [left, right];
    if (both.includes('unknown')) return 'unknown';
    if (both.includes('rate') && both.includes('events'))
      throw new Wrong(node, `${this.#text(node)} mixes a number of events with a rate per second`);
    return 'level';
  }
}

function multiplied(left: EventUnit, right: EventUnit): EventUnit {
  if (left === 'ratio') return right;
  if (right === 'ratio') return left;
  // A rate times a number may be a number of events, or not.
  const [unit, other] = left === 'number' ? [right, left] : [left, right];
  return other === 'number' && unit !== 'rate' ? unit : 'unknown';
}

function divided(left: EventUnit, right: EventUnit): EventUnit {
  if (right === 'number') return left === 'rate' ? 'unknown' : left;
  if (left === 'unknown' || right === 'unknown' || left === 'number') return 'unknown';
  return left === right ? 'ratio' : 'unknown';
}
