/** The schemas of a schedule and of its time zone, with errors that say what to write instead. */
import { z } from 'zod';
import { findNextDue } from './due-times.ts';

const value = '([0-9]{1,2}|[A-Za-z]{3})';
const item = `(\\*|${value}(-${value})?)(/[0-9]{1,2})?`;
const field = `${item}(,${item})*`;
/** Five fields of numbers, names, `*`, ranges, lists and steps. The API server checks it too, so it must be valid RE2. */
const SCHEDULE_PATTERN = new RegExp(`^${field}( ${field}){4}$`);
const MAX_LENGTH = 100;

const EXPECTED = 'expected five fields (minute, hour, day of month, month, day of week), such as 30 9 * * MON-FRI';

const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** Searching for a due time needs a start. A fixed one makes the check independent of the clock. */
const SEARCH_START = new Date(Date.UTC(2024, 0, 1));

/** Returns why a text does not have the form of a schedule. */
function describeForm(text: string): string {
  const meant = nicknames[text.toLowerCase()];
  if (meant) return `expected five fields, got ${text}: write ${meant}`;
  if (/^\d{4}-\d\d-\d\d/.test(text))
    return `expected a schedule that repeats, got a date: for one run, call POST /api/v1/pipelines/{pipeline_id}/run`;
  const fields = text.split(' ');
  if (fields.includes('')) return `${EXPECTED}; got more than one space in a row or at an end`;
  if (fields.length === 6) return `${EXPECTED}; got six: leave out the seconds`;
  if (fields.length !== 5) return `${EXPECTED}; got ${fields.length}`;
  return `${EXPECTED}; got ${text.slice(0, MAX_LENGTH)}: a field has numbers, names such as MON or JAN, and * , - /`;
}

/** Returns why a schedule of the right form is never due or not valid; undefined if it is. */
function describeFault(schedule: string): string | undefined {
  try {
    if (findNextDue({ schedule, timeZone: 'UTC' }, SEARCH_START)) return undefined;
    return `expected a schedule that is due some day, got ${schedule}: no such date exists`;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return `${EXPECTED}; got ${schedule}: ${reason}`;
  }
}

export const scheduleSchema = z
  .string()
  .max(MAX_LENGTH)
  .regex(SCHEDULE_PATTERN, { error: ({ input }) => describeForm(String(input)), abort: true })
  .superRefine((schedule, context) => {
    const message = describeFault(schedule);
    if (message) context.addIssue({ code: 'custom', message });
  })
  .describe(
    'When the pipeline is due, as in crontab: minute, hour, day of month, month and day of week, separated by one space',
  );

/**
 * Names that were found to be time zones, in lower case: at most the 600 of the database. Each DateTimeFormat takes 20 kB
 * outside of the heap, which V8 frees late (nodejs/node#57213), so a name is tried once.
 */
const knownZones = new Set<string>();

function isTimeZone(name: string): boolean {
  const key = name.toLowerCase();
  if (knownZones.has(key)) return true;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    knownZones.add(key);
    return true;
  } catch {
    return false;
  }
}

export const timeZoneSchema = z
  .string()
  .max(64)
  // Intl also takes offsets such as +02:00, which no daylight saving time follows and croner refuses.
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, {
    error: 'expected the name of a time zone, such as Europe/Berlin, not an offset',
    abort: true,
  })
  .refine(isTimeZone, {
    error: ({ input }) => `expected a time zone of the IANA database, such as Europe/Berlin; got ${input}`,
  })
  .describe('Time zone of the schedule, a name of the IANA database');
