import { expect } from 'vitest';
import { parseDurationSeconds } from '#base/duration.ts';
import { LONG_WINDOWS_INTERVAL } from '#controller/compile/objectives/window-rules.ts';
import { type Rule, readRules } from '#tools/observe/monitoring.ts';
import { eventually } from '../support/eventually.ts';

/** Prometheus delays the first evaluation of a group by up to the group's interval, so wait for the longest interval of all groups. */
const SLOWEST_GROUP_MS = parseDurationSeconds(LONG_WINDOWS_INTERVAL) * 1_000;
const RELOAD_MS = 60_000;

/**
 * Waits until Prometheus has evaluated every rule without an error, and returns the rules.
 * @param fewest minimum number of rules; with fewer, Prometheus has not loaded the newest rule file yet
 */
export function readEvaluatedRules(prometheus: string, fewest: number): Promise<readonly Rule[]> {
  return eventually(async () => {
    const rules = await readRules(prometheus);
    expect(rules.length).toBeGreaterThanOrEqual(fewest);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    return rules;
  }, SLOWEST_GROUP_MS + RELOAD_MS);
}
