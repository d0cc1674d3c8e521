import { describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { checkRegExp, matchesEmpty } from '#base/promql/check-regexp.ts';
import { specOf } from '../../test/support/spec-of.ts';
import { checkTemplate } from './alerts/check-template.ts';
import { compile } from './compile.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'uid-1' };
const compiled = (custom: readonly object[], rest: object = {}) =>
  compile({ owner, spec: specOf({ alerts: { rules: {}, custom }, externalMetrics: ['my_*'], ...rest }) });
const names = ({ customRules }: ReturnType<typeof compiled>) => customRules.map(({ alert }) => alert);
const healthy = { alert: 'Healthy', expr: 'up == 0' };

/** Fails if the work takes seconds. Every case here took minutes or for ever, or took up the stack. */
function atOnce<Result>(work: () => Result): Result {
  const began = performance.now();
  const result = work();
  expect(performance.now() - began).toBeLessThan(5_000);
  return result;
}

describe('the work on text of users', () => {
  it.each(['(b*|c*){60}d', '(a+)+$', '(x?){90}x{90}', '((a*)*)*b', '(?:(?:.*)*.*)*c'])(
    'judges the regular expression %s at once, and selects by it',
    (pattern) => {
      const [wrong, empty] = atOnce(() => [checkRegExp(pattern), matchesEmpty(pattern)]);
      expect([wrong, empty]).toEqual([undefined, false]);
      const expr = `my_a{job=~"${pattern}"} > 0`;
      expect(names(atOnce(() => compiled([{ alert: 'A', expr }])))).toEqual(['A']);
    },
  );

  it.each([
    ['many repetitions', 'x{1000}'.repeat(500)],
    ['large repetitions', '[\\\\pL\\\\pN]{1000}[^a]{1000}'.repeat(9)],
    ['a repeated group', '(?:abcdefgh|ijklmnop){900}'],
  ])('names an expression with %s', (_what, pattern) => {
    const found = atOnce(() => compiled([{ alert: 'Large', expr: `my_a{job=~"${pattern}"}` }, healthy]));
    expect(found.rejectedRules).toMatchObject([
      {
        reason: 'RuleTooComplex',
        path: 'spec.alerts.custom[alert=Large].expr',
        message: expect.stringContaining('5000'),
      },
    ]);
    expect(names(found)).toEqual(['Healthy']);
  });

  it.each([
    ['brackets', `${'('.repeat(1_000)}my_a${')'.repeat(1_000)}`, 'RuleTooComplex'],
    ['calls', `${'abs('.repeat(800)}my_a${')'.repeat(800)}`, 'RuleTooComplex'],
    ['a chain', Array(700).fill('my_a').join('+'), 'RuleDoesNotParse'],
    ['signs', `${'-'.repeat(4_000)}my_a`, 'RuleDoesNotParse'],
    ['open brackets', '('.repeat(4_096), 'RuleDoesNotParse'],
    ['quotes', '"'.repeat(4_096), 'RuleDoesNotParse'],
  ])('names an expression that nests too deeply: %s', (_what, expr, reason) => {
    const found = atOnce(() => compiled([{ alert: 'Deep', expr }, healthy]));
    expect(found.rejectedRules).toMatchObject([{ reason, path: 'spec.alerts.custom[alert=Deep].expr' }]);
    expect(names(found)).toEqual(['Healthy']);
  });

  it.each([
    ['brackets', `{{ ${'('.repeat(4_080)} }}`],
    ['closed brackets', `{{ ${'('.repeat(2_000)}$value${')'.repeat(2_000)} }}`],
    ['brackets after others', `${')'.repeat(1_000)}{{ ${'('.repeat(3_000)} }}`],
    ['blocks', `${'{{ if 1 }}'.repeat(240)}${'{{ end }}'.repeat(170)}`],
  ])('names a template that nests too deeply: %s', (_what, text) => {
    const found = atOnce(() => compiled([{ alert: 'Deep', expr: 'up', annotations: { summary: text } }, healthy]));
    expect(found.rejectedRules).toMatchObject([
      { reason: 'RuleTooComplex', path: 'spec.alerts.custom[alert=Deep].annotations.summary' },
    ]);
    expect(names(found)).toEqual(['Healthy']);
  });

  it('accepts what people nest: a hundred levels of each', () => {
    expect(checkPromql(`${'('.repeat(100)}a${')'.repeat(100)}`)).toBeUndefined();
    expect(checkPromql(Array(400).fill('up').join(' or '))).toBeUndefined();
    expect(checkTemplate(`{{ ${'('.repeat(100)}$value${')'.repeat(100)} }}`)).toBeUndefined();
    expect(checkTemplate(`${'{{ if 1 }}'.repeat(100)}${'{{ end }}'.repeat(100)}`)).toBeUndefined();
  });

  it('ends when the budget of a resource is used up, and names the rules that were not checked', () => {
    const expr = `my_a{job=~"${'x{900}'.repeat(5)}"}`;
    const custom = Array.from({ length: 100 }, (_, n) => ({ alert: `A${n}`, expr: `${expr} > ${n}` }));
    const found = atOnce(() => compiled(custom));
    expect(names(found).length).toBeGreaterThan(50);
    expect(found.rejectedRules.length).toBe(100 - names(found).length);
    expect(found.rejectedRules[0]).toMatchObject({
      reason: 'RuleTooComplex',
      message: expect.stringMatching(/^was not checked: .* Move some to another resource$/),
    });
  });

  it('checks objectives within a budget too', () => {
    const bad = `my_a{job=~"${'x{900}'.repeat(5)}"}`;
    const objectives = Array.from({ length: 50 }, (_, n) => ({
      name: `o${n}`,
      target: 90,
      indicator: { custom: { total: `my_b{n="${n}",job=~"${'y{900}'.repeat(5)}"}`, bad } },
    }));
    const { rejectedRules } = atOnce(() => compiled([healthy], { objectives }));
    expect(rejectedRules.at(-1)).toMatchObject({
      reason: 'RuleTooComplex',
      path: 'spec.objectives[name=o49].indicator.custom.total',
    });
  });
});
