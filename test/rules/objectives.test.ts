import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectiveAlertNames, objectiveAlerts, objectiveNames } from '#catalogue/objectives.ts';
import { objectiveCases } from './objective-cases.ts';
import { buildObjectiveTrial, compileGroups } from './objective-rules.ts';
import { openPromtool, type Promtool } from './promtool.ts';
import { buildTrialFiles } from './trial.ts';

/** Timeout in milliseconds. Some cases simulate three days with a sample each minute. */
const LONG = 240_000;

describe('the rules of objectives, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('objectives');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus accepts', async () => {
    const groups = compileGroups('tp', { objectives: objectiveNames.map((name) => ({ name })) });
    const { ok, output } = await promtool.run(['check', 'rules', 'rules.yaml'], { 'rules.yaml': { groups } });
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(ok).toBe(true);
  });

  it.each(objectiveCases.map((one) => [one.what, one] as const))(
    '%s',
    async (_what, one) => {
      const files = buildTrialFiles('test', buildObjectiveTrial(one));
      const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], files);
      expect(ok, output).toBe(true);
      expect(output).toContain('SUCCESS');
    },
    LONG,
  );

  it('have cases in which each pair of windows fires, and is silent just before', () => {
    for (const name of objectiveAlertNames) {
      const both = objectiveCases.filter(
        ({ what, fires, silent }) => what.includes('pair') && fires?.[name] && silent?.[name],
      );
      expect(both.length, name).toBe(objectiveAlerts[name].windows.length);
    }
  });

  it('have a case in which each objective of the platform burns', () => {
    const named = objectiveCases.flatMap(({ objectives }) => objectives.map((one) => (one as { name: string }).name));
    for (const name of objectiveNames) expect(named).toContain(name);
  });
});
