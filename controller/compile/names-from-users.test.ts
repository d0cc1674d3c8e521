import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { seed } from '../../test/support/any-spec.ts';
import { specOf } from '../../test/support/spec-of.ts';
import { parseTradingPipelineSpec, type TradingPipelineSpec } from '../api/trading-pipeline.ts';
import { compile } from './compile.ts';
import { groupsOf, type Rule } from './objects/generated-object.ts';

interface Names {
  readonly namespace: string;
  readonly name: string;
  readonly service: string;
  readonly objective: string;
}

const plain: Names = { namespace: 'desk', name: 'tp', service: 'ledger', objective: 'mine' };

/** Strings made of pieces that could break out of quotes, regular expressions, lines or templates. */
const hostile = fc
  .array(
    fc.constantFrom(
      '"',
      "'",
      '`',
      '\\',
      '\n',
      '\r',
      '}',
      '{',
      ')',
      '(',
      '[5m]',
      '$',
      '^',
      '|',
      '.*',
      '#',
      ',',
      '=~',
      ' or ',
      'up',
      '{{',
      '}}',
      '{{ $value }}',
      '🙂',
      '\u0000',
      'a',
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));
const names: fc.Arbitrary<Names> = fc.record({
  ...{ namespace: hostile, name: hostile, service: hostile, objective: hostile },
});

/** Returns a spec with names that the schema would refuse: the compiler must be safe even without the schema. */
function specNaming({ service, objective }: Names): TradingPipelineSpec {
  const spec = specOf({
    services: [
      { name: 'backend' },
      { name: 'celery-worker' },
      { name: 'signal-generator' },
      { name: 'trigger-dispatcher' },
      { name: plain.service, selector: { matchLabels: { app: 'x' } } },
    ],
    pipeline: { trigger: { mode: 'manual' }, tickers: ['GOOG'], budget: { dailyUsd: 1 } },
    alerts: {},
    objectives: [
      { name: 'pipeline-success' },
      { name: plain.objective, target: 99, indicator: { publishSuccess: {} } },
    ],
  });
  return {
    ...spec,
    services: spec.services?.map((one) => (one.name === plain.service ? { ...one, name: service } : one)),
    objectives: spec.objectives?.map((one) => (one.name === plain.objective ? { ...one, name: objective } : one)),
  };
}

function rulesOf(given: Names): Rule[] {
  const { namespace, name } = given;
  const { objects } = compile({ owner: { namespace, name, uid: '' }, spec: specNaming(given) });
  return objects.flatMap(groupsOf).flatMap(({ rules }) => rules);
}

/**
 * Returns the names of all syntax nodes of an expression, in order. A name that stays inside its quotes cannot change the
 * result.
 */
function shapeOf(expr: string): string {
  const shape: string[] = [];
  parser.parse(expr).iterate({ enter: ({ name }: SyntaxNodeRef) => void shape.push(name) });
  return shape.join(' ');
}

describe(`names that users give (seed ${seed})`, () => {
  const expected = rulesOf(plain);

  it('never leave their quotes: every expression keeps its shape', () => {
    expect(expected.length).toBeGreaterThanOrEqual(40);
    const property = fc.property(names, (given) => {
      const rules = rulesOf(given);
      expect(rules).toHaveLength(expected.length);
      for (const [place, { expr }] of rules.entries()) {
        expect([expr, checkPromql(expr)]).toEqual([expr, undefined]);
        expect([expr, shapeOf(expr)]).toEqual([expr, shapeOf(expected[place]?.expr ?? '')]);
      }
    });
    fc.assert(property, { numRuns: 100, seed });
  });

  it('are refused by the schema, so that none of them can be a template', () => {
    const property = fc.property(
      hostile.filter((name) => !/^[a-z]+$/.test(name)),
      (name) => {
        const service = { services: [{ name, selector: { matchLabels: { app: 'x' } } }] };
        const objective = { objectives: [{ name, target: 99, indicator: { publishSuccess: {} } }] };
        for (const spec of [service, objective]) expect(parseTradingPipelineSpec(spec)).toHaveProperty('problems');
      },
    );
    fc.assert(property, { numRuns: 200, seed });
  });
});
