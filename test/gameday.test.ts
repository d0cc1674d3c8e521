import { describe, expect, it } from 'vitest';
import { type AnyAlertName, everyAlertName } from '#tools/gameday/drill.ts';
import { drills } from '#tools/gameday/drills.ts';
import { isGood, renderResult } from '#tools/gameday/render-result.ts';
import type { AlertResult, GameDayResult } from '#tools/gameday/run-drills.ts';
import { describeShortening } from '#tools/gameday/shorten-rules.ts';

const provoked = drills.flatMap(({ provokes }) => provokes);

describe('the drills of a game day', () => {
  it.each(everyAlertName)('exactly one drill provokes %s', (name) => {
    expect(provoked.filter((one) => one === name)).toHaveLength(1);
  });

  it('have different names', () => {
    expect(new Set(drills.map(({ name }) => name)).size).toBe(drills.length);
  });

  it.each(drills)('$name lists no alert both in provokes and in follows', ({ provokes, follows = [] }) => {
    expect(follows.filter((name) => (provokes as readonly AnyAlertName[]).includes(name))).toEqual([]);
  });
});

describe('the result of a game day', () => {
  const drill = drills[0]!;
  const alert = drill.provokes[0];
  const result = (alerts: AlertResult, falseAlarms: GameDayResult['falseAlarms'] = []): GameDayResult => ({
    alerts: [alerts],
    falseAlarms,
    inhibited: new Map([[drill.name, ['HighCPUUsage']]]),
  });
  const ended = result({ drill, alert, firedAfter: 47, resolvedAfter: 31 });
  const falseAlarm = { alert: 'ServiceDown', labels: { service: 'backend' }, during: [drill.name] };

  it('is good only if each alert fired and ended, and no false alarm fired', () => {
    expect(isGood(ended)).toBe(true);
    expect(isGood(result({ drill, alert }))).toBe(false);
    expect(isGood(result({ drill, alert, firedAfter: 47 }))).toBe(false);
    expect(isGood({ ...ended, falseAlarms: [falseAlarm] })).toBe(false);
  });

  it('is rendered as tables, with NOT for alerts that did not fire or end', () => {
    const text = renderResult(ended, describeShortening);
    expect(text).toContain(`| ${drill.fault} | ${alert} | 47 | 31 | ${describeShortening(alert)} | HighCPUUsage |`);
    expect(text).toContain('1 alerts provoked, 1 fired, 1 resolved, 0 false alarms.');
    expect(renderResult(result({ drill, alert }, [falseAlarm]), describeShortening)).toMatch(
      /\| NOT \| NOT \|[\s\S]*\| ServiceDown \| backend \|/,
    );
  });
});
