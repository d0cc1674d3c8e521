import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { openPromtool, type Promtool } from '../promtool.ts';
import { askPromtool, intended, readVerdicts, writeCorpus } from './verdicts.ts';

/** The unit test base/promql/corpus.test.ts compares our check with the recorded verdicts of Prometheus 3; this one asks the promtool at hand. */
describe('the corpus of PromQL, by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('corpus');
  });
  afterAll(() => promtool.remove());

  it('is judged as our check judges it, but for syntax that is refused with a reason', async () => {
    const corpus = writeCorpus();
    const parsed = await askPromtool(promtool, corpus);
    expect(parsed.filter(Boolean).length).toBeGreaterThan(2_000);
    const differ = corpus.flatMap((expr, index) => {
      const wrong = checkPromql(expr);
      if (parsed[index] === (wrong === undefined) || (parsed[index] && intended.some((why) => why.test(wrong ?? ''))))
        return [];
      return [{ expr, promtool: parsed[index] ? 'parses' : 'refuses', wrong }];
    });
    expect(differ).toEqual([]);
  });

  it('is judged by a Prometheus 3 as recorded', async () => {
    const { output } = await promtool.run(['--version'], {});
    const version = Number(/version (\d+)/.exec(output)?.[1]);
    const corpus = writeCorpus();
    const parsed = (await askPromtool(promtool, corpus)).map(Number);
    const recorded = [...readVerdicts().parsed].map(Number);
    // A Prometheus 2 parses nothing that a Prometheus 3 refuses, but for the function that was renamed.
    const wrong = corpus.filter(
      (expr, index) =>
        (version >= 3 ? parsed[index] !== recorded[index] : parsed[index] === 1 && recorded[index] === 0) &&
        !expr.includes('holt_winters'),
    );
    expect(wrong).toEqual([]);
  });
});
