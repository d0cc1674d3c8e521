/**
 * Tests the shared rules that count the events of all declared pipelines, with promtool and together with the rules of
 * three TradingPipelines.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPromtool, type Promtool } from './promtool.ts';
import { sharedTrials } from './shared-objective-cases.ts';
import { buildTrialFiles } from './trial.ts';

describe('the objectives of declared pipelines', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('shared-objectives');
  });
  afterAll(() => promtool.remove());

  it.each(sharedTrials)('%s', async (_what, trial) => {
    const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], buildTrialFiles('test', trial));
    expect(output).toContain('SUCCESS');
    expect(ok).toBe(true);
  });
});
