import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { anySpec, type MutatedSpec, mutatedSpec, type Path, seed, shuffled } from '../../test/support/any-spec.ts';
import { parseTradingPipelineSpec } from '../api/trading-pipeline.ts';
import { checkTemplate } from './alerts/check-template.ts';
import { type Compiled, compile } from './compile.ts';
import type { RuleGroup } from './objects/generated-object.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'uid-1' };

/** Compiles the spec, or returns the problems that the schema finds. */
function attempt(raw: unknown): Compiled | readonly string[] {
  const parsed = parseTradingPipelineSpec(raw);
  return 'problems' in parsed ? parsed.problems : compile({ owner, spec: parsed.spec });
}

function made(raw: unknown): Compiled {
  const compiled = attempt(raw);
  if (!('objects' in compiled)) throw new Error(compiled.join('; '));
  return compiled;
}

function rulesOf({ objects }: Compiled) {
  const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
  return ((rule?.spec as { groups: RuleGroup[] } | undefined)?.groups ?? []).flatMap(({ rules }) => rules);
}

function expectGoodRules(compiled: Compiled): void {
  for (const { expr, labels = {}, annotations = {} } of rulesOf(compiled)) {
    expect([expr, checkPromql(expr)]).toEqual([expr, undefined]);
    for (const text of Object.values({ ...annotations, ...labels }))
      expect([text, checkTemplate(text)]).toEqual([text, undefined]);
  }
}

/**
 * Returns whether the path in a problem is close to the changed field: the path of an ancestor, or of any field within
 * the field's parent. A field beside the changed field may depend on its value.
 */
function isAbout(problem: string, path: Path): boolean {
  const at = (steps: Path) =>
    steps.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${step}`), 'spec');
  const named = /^(spec[^:]*?): ./.exec(problem)?.[1];
  const around = at(path.slice(0, -1)).replace(/\[\d+\]$/, '');
  return named !== undefined && (named.startsWith(around) || around.startsWith(named));
}

describe('compile, of any spec', { timeout: 120_000 }, () => {
  it('produces the same bytes for any order of keys', () => {
    const property = fc.property(
      anySpec,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (raw, numbers) => {
        const other = shuffled(raw, () => numbers.next().value);
        expect(JSON.stringify(made(other))).toBe(JSON.stringify(made(raw)));
      },
    );
    fc.assert(property, { numRuns: 1_000, seed });
  });

  it('produces only rules that Prometheus accepts', () => {
    const property = fc.property(anySpec, (raw) => {
      const compiled = made(raw);
      expect(compiled.rejectedRules).toEqual([]);
      expectGoodRules(compiled);
    });
    fc.assert(property, { numRuns: 300, seed });
  });

  it('names the mutated field as a problem, or compiles the spec into rules that Prometheus accepts', () => {
    const outcomes = { refused: 0, rejected: 0, made: 0 };
    const property = fc.property(mutatedSpec, ({ spec, path }: MutatedSpec) => {
      const result = attempt(spec);
      if (!('objects' in result)) {
        outcomes.refused++;
        for (const problem of result) expect([problem, path, isAbout(problem, path)]).toEqual([problem, path, true]);
        return;
      }
      for (const { path: wrong } of result.rejectedRules) expect(wrong).toMatch(/^spec\.(alerts|objectives)/);
      outcomes[result.rejectedRules.length > 0 ? 'rejected' : 'made']++;
      expectGoodRules(result);
    });
    fc.assert(property, { numRuns: 500, seed });
    expect(Math.min(...Object.values(outcomes)), JSON.stringify(outcomes)).toBeGreaterThan(10);
  });
});
