/** Opening hours of a market. Time zones and daylight saving come from the time zone database of the runtime. */
export type MarketCalendar =
  /** A market that never closes: cryptocurrencies. */
  | { readonly kind: 'always' }
  /** A market with one long session a week: currencies. */
  | { readonly kind: 'week'; readonly timeZone: string; readonly opens: WeekTime; readonly closes: WeekTime }
  /** A market with a session on each working day except holidays: stock exchanges. */
  | ExchangeCalendar;

interface WeekTime {
  /** Day of the week; 0 is Sunday. */
  readonly day: number;
  readonly time: string;
}

export interface ExchangeCalendar {
  readonly kind: 'sessions';
  readonly timeZone: string;
  /** Local times, HH:MM. The market is open from `opens` up to but not including `closes`. */
  readonly opens: string;
  readonly closes: string;
  /**
   * First and last day that the calendar covers, as local dates YYYY-MM-DD. Outside of this range, every working day
   * counts as a session.
   */
  readonly from: string;
  readonly to: string;
  readonly holidays: ReadonlySet<string>;
  /** Sessions that end early: local date (YYYY-MM-DD) to the local time of the close (HH:MM). */
  readonly earlyCloses: ReadonlyMap<string, string>;
}

export function isMarketOpen(calendar: MarketCalendar, at: Date): boolean {
  if (calendar.kind === 'always') return true;
  const local = localTime(at, calendar.timeZone);
  return calendar.kind === 'week' ? isInWeek(calendar, local) : isInSession(calendar, local);
}

function isInWeek({ opens, closes }: { opens: WeekTime; closes: WeekTime }, { day, time }: LocalTime): boolean {
  const key = (moment: WeekTime) => `${moment.day} ${moment.time}`;
  return key({ day, time }) >= key(opens) && key({ day, time }) < key(closes);
}

function isInSession(calendar: ExchangeCalendar, { date, day, time }: LocalTime): boolean {
  const isWeekend = day === 0 || day === 6;
  if (isWeekend || calendar.holidays.has(date)) return false;
  return time >= calendar.opens && time < (calendar.earlyCloses.get(date) ?? calendar.closes);
}

interface LocalTime {
  readonly date: string;
  readonly day: number;
  readonly time: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function localTime(at: Date, timeZone: string): LocalTime {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, weekday = '' } = parts;
  return { date: `${year}-${month}-${day}`, day: days.indexOf(weekday), time: `${hour}:${minute}` };
}

/** Caches formats, because creating one takes a hundred times as long as using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const two = '2-digit';
  const fields = { year: 'numeric', month: two, day: two, hour: two, minute: two, weekday: 'short' } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
  formats.set(timeZone, made);
  return made;
}
