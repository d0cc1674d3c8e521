/** Checks that each alert and each objective has a case for each required behaviour. The test of a missing case fails. */
import { describe, expect, it } from 'vitest';
import { parseDurationSeconds } from '#base/duration.ts';
import { alertNames } from '#catalogue/alerts.ts';
import { objectiveAlertNames, objectiveNames } from '#catalogue/objectives.ts';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { alertCases } from './alert-cases.ts';
import type { ObjectiveCase } from './objective-case.ts';
import { objectiveCases } from './objective-cases.ts';
import { operatorAlertCases } from './operator-alert-cases.ts';

/** The times in seconds at which an alert must be silent and must fire in one case. */
interface Course {
  readonly silent: readonly number[];
  readonly fires: readonly number[];
  readonly idle: boolean;
}

const proofs = {
  'fires just after its time, silent just before': ({ silent, fires }: Course, step: number) =>
    fires.some((at) => silent.some((before) => before < at && at - before <= step)),
  'silent while all is well': ({ silent, fires, idle }: Course) => silent.length > 0 && fires.length === 0 && !idle,
  'silent without traffic': ({ silent, fires, idle }: Course) => idle && silent.length > 0 && fires.length === 0,
  resolves: ({ silent, fires }: Course) => fires.some((at) => silent.some((after) => after > at)),
} as const satisfies Record<string, (course: Course, stepSeconds: number) => boolean>;
const proofNames = Object.keys(proofs) as (keyof typeof proofs)[];

interface Subject {
  readonly name: string;
  readonly courses: readonly Course[];
  /** Seconds between two evaluations. An alert fires "just after" it was silent if the two times are at most this far apart. */
  readonly step: number;
}

const seconds = (times: readonly string[] = []) => times.map(parseDurationSeconds);

function alertSubject(name: string): Subject {
  const cases = [...alertCases, ...operatorAlertCases].filter(({ alert }) => alert === name);
  const courses = cases.map(({ silentAt, firesAt, idle = false }) => ({
    silent: seconds(silentAt),
    fires: seconds(firesAt),
    idle,
  }));
  return { name, courses, step: 15 };
}

/**
 * Builds the subject of an objective. Its step is five minutes, because rules of long windows are evaluated only that
 * often.
 */
function objectiveSubject(name: string, about: readonly ObjectiveCase[], alerts = objectiveAlertNames): Subject {
  const courses = about.flatMap(({ silent, fires, idle = false }) =>
    alerts.map((alert) => ({ silent: seconds(silent?.[alert]), fires: seconds(fires?.[alert]), idle })),
  );
  return { name, courses, step: 300 };
}

const counts = (one: ObjectiveCase, name: string) =>
  one.objectives.some((objective) => (objective as { name: string }).name === name);

const subjects: readonly Subject[] = [
  ...[...alertNames, ...operatorAlertNames].map(alertSubject),
  ...objectiveAlertNames.map((name) => objectiveSubject(name, objectiveCases, [name])),
  ...objectiveNames.map((name) =>
    objectiveSubject(
      name,
      objectiveCases.filter((one) => counts(one, name)),
    ),
  ),
];

describe.each(subjects)('$name', ({ courses, step }) => {
  it.each(proofNames.filter((proof) => proof !== 'silent while all is well'))('has a case: %s', (proof) => {
    expect(courses.some((course) => proofs[proof](course, step))).toBe(true);
  });
});

it('has proofs for all alerts and objectives, and prints their number', () => {
  const counted = proofNames.map((proof) => {
    const cases = subjects.flatMap(({ courses, step }) => courses.filter((course) => proofs[proof](course, step)));
    const without = subjects.filter(({ courses, step }) => !courses.some((course) => proofs[proof](course, step)));
    return `  ${String(cases.length).padStart(4)} cases: ${proof}; ${without.length} of ${subjects.length} alerts and objectives without`;
  });
  const alerts = alertNames.length + operatorAlertNames.length + objectiveAlertNames.length;
  console.info([`${alerts} alerts, ${objectiveNames.length} objectives`, ...counted].join('\n'));
  expect(subjects.length).toBe(alerts + objectiveNames.length);
});
