/** Tries a sample of the mutants of `make mutation-rules`. At least one case must notice (kill) each mutant. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equivalentMutants } from './equivalent-mutants.ts';
import { findSurvivors, listMutants } from './find-survivors.ts';
import { openPromtool, type Promtool } from './promtool.ts';

const SAMPLE = 16;
/** Seed of the sample. Another number selects other mutants. */
const SEED = 7;

describe('mutants of the alerts', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('mutants-sample');
  });
  afterAll(() => promtool.remove());

  it('are all killed, in a sample', { timeout: 240_000 }, async () => {
    const all = listMutants();
    const every = Math.ceil(all.length / SAMPLE);
    const sample = all.filter((_, index) => index % every === SEED);
    expect(sample.length).toBeGreaterThanOrEqual(SAMPLE - 1);
    const survivors = await findSurvivors(sample, promtool);
    expect(survivors.map(({ name }) => name)).toEqual([]);
  });

  it('that are listed as equivalent exist, and have a reason', () => {
    const names = listMutants(undefined, {}).map(({ name }) => name);
    for (const [name, reason] of Object.entries(equivalentMutants)) {
      expect(names).toContain(name);
      expect(reason).not.toBe('');
    }
  });
});
