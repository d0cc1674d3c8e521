import { describe, expect, it } from 'vitest';
import { hashCorpus, intended, readVerdicts, writeCorpus } from '../../test/rules/promql/verdicts.ts';
import { checkPromql } from './check-promql.ts';

describe('checkPromql', () => {
  const corpus = writeCorpus();
  const verdicts = readVerdicts();

  it('has verdicts of Prometheus on this very corpus', () => {
    expect(hashCorpus(corpus)).toBe(verdicts.sha256);
    expect(verdicts.parsed).toHaveLength(corpus.length);
    expect(verdicts.parsed.replaceAll('0', '').length).toBeGreaterThan(2_500);
  });

  it('judges the whole grammar as the parser of Prometheus 3 does, but for syntax that it refuses with a reason', () => {
    const refused = new Map(intended.map((why) => [why, 0]));
    const differ = corpus.flatMap((expr, index) => {
      const parses = verdicts.parsed[index] === '1';
      const wrong = checkPromql(expr);
      if (parses === (wrong === undefined)) return [];
      const why = parses && intended.find((one) => one.test(wrong ?? ''));
      if (why) refused.set(why, (refused.get(why) ?? 0) + 1);
      return why ? [] : [{ expr, prometheus: parses ? 'parses' : 'refuses', wrong }];
    });
    expect(differ).toEqual([]);
    // If a reason meets nothing, it is no longer a difference.
    expect([...refused].slice(0, 2).filter(([, count]) => count === 0)).toEqual([]);
  });

  it.each([
    'wallet_usd - wallet_usd offset 1h < -100',
    'wallet_usd > wallet_usd @ end()',
    '-a offset 5m',
    'a * -b @ 5 offset 1h ^ 2',
    'a and b offset -5m unless c @ start()',
    'max_over_time(a[5m]) / max_over_time(b offset 1d[1h:5m])',
    'offset offset 5m',
    '5. * a{b="\\x41\\u00e9\\101"}',
    'a offset - # a while ago\n5m',
    'a * on () 2',
    'up offset -1m * 100',
    'a{b=~"\\\\p{Greek}\\\\PL\\\\p{^Lu}(?P<n>x)(?P<n>y)"}',
  ])('accepts %s', (expr) => {
    expect(checkPromql(expr)).toBeUndefined();
  });

  it.each([
    ['sum(a) offset 5m', /^offset and @ can only follow a selector/],
    ['a offset 5m offset 5m', /twice/],
    ['a + b[5m]', /^\+ cannot take a matrix/],
    ['-a[5m:] offset 5m', /^a matrix has no sign/],
    ['sum by (inf) (a)', /^inf cannot be a label here/],
    ['rate(a[ # c\n5m])', /^a comment cannot follow \[/],
    ['a\u00a0+ b', /^does not parse/],
    ['a{b="\ufffd"}', /not valid UTF-8/],
    ['a[300y]', /^300y is not a duration/],
    ['0xFFFFFFFFFFFFFFFFFF', /too large/],
    ['rate(a offset 1d[5m])', /must follow a selector/],
    ['a{b=~"\\\\p{Emoji}"}', /has the class \\p\{Emoji\}/],
    ['a{b=~"x\\\\P{^White_Space}"}', /has the class/],
    ['a{b=~"\\\\p{Kawi}"}', /has the class/],
  ])('refuses %s', (expr, message) => {
    expect(checkPromql(expr)).toMatch(message);
  });
});
