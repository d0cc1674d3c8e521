import { describe, expect, it, vi } from 'vitest';
import { scheduleSchema, timeZoneSchema } from './schedule.ts';

const faultOf = (schema: typeof scheduleSchema | typeof timeZoneSchema, text: unknown) =>
  schema.safeParse(text).error?.issues.map(({ message }) => message);

describe('scheduleSchema', () => {
  it.each(['* * * * *', '*/15 9-17 * * MON-FRI', '0 0 29 2 *', '5,35 0 1-31/2 JAN-jun 0-7', '0 0 31 2 1'])(
    'accepts %s',
    (schedule) => {
      expect(scheduleSchema.parse(schedule)).toBe(schedule);
    },
  );

  it.each([
    ['@daily', 'write 0 0 * * *'],
    ['@reboot', 'expected five fields'],
    ['2026-12-24T18:00:00', 'got a date'],
    ['0 * * * * *', 'leave out the seconds'],
    ['0 0 * *', 'got 4'],
    ['0  0 * * *', 'more than one space'],
    [' 0 0 * * *', 'more than one space'],
    ['0\t0 * * *', 'got 4'],
    ['0 0 L * *', 'numbers, names such as MON'],
    ['? * * * *', 'numbers, names such as MON'],
    ['0 0 * * 5#2', 'numbers, names such as MON'],
    ['60 * * * *', '60'],
    ['0 24 * * *', '24'],
    ['0 0 0 * *', 'got 0 0 0 * *'],
    ['*/0 * * * *', 'stepping: 0'],
    ['0 22-2 * * *', '22-2'],
    ['0 0 * FOO *', 'FOO'],
    ['0 0 31 2 *', 'no such date exists'],
    ['0 0 31 4,6,9,11 *', 'no such date exists'],
    ['', 'expected five fields'],
  ])('refuses %j with one message that says what to write', (schedule, message) => {
    expect(faultOf(scheduleSchema, schedule)).toEqual([expect.stringContaining(message)]);
  });

  it('refuses a long text in less than a tenth of a second', () => {
    const began = performance.now();
    for (const text of [`${'1,'.repeat(50_000)}x`, '1-2/3,'.repeat(20_000)])
      expect(scheduleSchema.safeParse(text).success).toBe(false);
    expect(performance.now() - began).toBeLessThan(100);
  });
});

describe('timeZoneSchema', () => {
  it('creates no formatter for a name that it knows, because formatters take memory outside of the heap', () => {
    expect(timeZoneSchema.safeParse('Pacific/Chatham').success).toBe(true);
    const create = vi.spyOn(Intl, 'DateTimeFormat');
    expect(timeZoneSchema.safeParse('Pacific/Chatham').success).toBe(true);
    expect(timeZoneSchema.safeParse('pacific/CHATHAM').success).toBe(true);
    expect(create).not.toHaveBeenCalled();
    expect(timeZoneSchema.safeParse('Pacific/Chathan').success).toBe(false);
    expect(create).toHaveBeenCalledTimes(1);
    create.mockRestore();
  });

  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])('accepts %s', (name) => {
    expect(timeZoneSchema.parse(name)).toBe(name);
  });

  it.each([
    ['Europe/Berln', 'IANA database, such as Europe/Berlin; got Europe/Berln'],
    ['Local', 'got Local'],
    ['+02:00', 'not an offset'],
    ['', 'expected the name of a time zone'],
  ])('refuses %j', (name, message) => {
    expect(faultOf(timeZoneSchema, name)).toEqual([expect.stringContaining(message)]);
  });
});
