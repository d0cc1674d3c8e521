/**
 * Parses an ISO 8601 date or time into milliseconds since 1970; a time without a zone counts as UTC. Returns undefined if
 * it is not one, or if its date or hour does not exist: Date.parse makes the second of March of a 30th of February, and
 * the next day of 24:00.
 */
export function parseCalendarTime(text: string): number | undefined {
  const [, year, month, day, hour = '0', zone] = PATTERN.exec(text) ?? [];
  if (year === undefined || Number(hour) > 23) return undefined;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  const time = Date.parse(zone === undefined && text.length > 10 ? `${text}Z` : text);
  return Number.isNaN(time) ? undefined : time;
}

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
