/**
 * The times at which a schedule is due, as Vixie cron has them. The only file that imports croner.
 *
 * Daylight saving time: a time that the clock skips is due when the skipped hour ends, and a time that the clock shows
 * twice is due once. If minute or hour has a `*` or a step, the times follow the elapsed time instead: those in a
 * skipped hour are left out, those in a repeated hour are due twice.
 */
import { Cron } from 'croner';

export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly schedule: string;
  /** Name of a time zone of the IANA database. */
  readonly timeZone: string;
}

const MINUTE_MS = 60_000;

/** @throws Error if the schedule is not valid; `scheduleSchema` accepts only valid ones */
function parseCron({ schedule, timeZone }: Schedule): Cron {
  const [, , dayOfMonth = '', , dayOfWeek = ''] = schedule.split(' ');
  return new Cron(schedule, {
    mode: '5-part',
    timezone: timeZone,
    // Without this rule, croner treats a list of hours as an interval.
    fixedTimeRule: 'no-wildcard',
    // In Vixie cron a day must match both fields if one begins with `*`, such as `*/2`; otherwise one of the two.
    domAndDow: dayOfMonth.startsWith('*') || dayOfWeek.startsWith('*'),
  });
}

/** Returns the first due time after `after`, or undefined if there is none. */
export function findNextDue(schedule: Schedule, after: Date): Date | undefined {
  return parseCron(schedule).nextRun(after) ?? undefined;
}

/**
 * Returns the newest due time after `after` and not after `until`, or undefined if there is none. Takes 20 to 30 steps,
 * however many due times lie between.
 */
export function findNewestDue(schedule: Schedule, after: Date, until: Date): Date | undefined {
  const cron = parseCron(schedule);
  const dueAfter = (time: number): number => cron.nextRun(new Date(time))?.getTime() ?? Number.POSITIVE_INFINITY;
  let newest = dueAfter(after.getTime());
  if (newest > until.getTime()) return undefined;
  // Binary search: a due time lies after `low`, and none lies after `high`. Due times are whole minutes.
  let high = until.getTime();
  while (high - newest >= MINUTE_MS) {
    const middle = newest + Math.ceil((high - newest) / 2);
    const due = dueAfter(middle);
    if (due <= until.getTime()) newest = due;
    else high = middle;
  }
  return new Date(newest);
}
