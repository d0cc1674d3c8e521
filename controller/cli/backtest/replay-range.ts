import { parseDurationSeconds } from '#base/duration.ts';

/** Unix seconds of `now`, `-6h`, an ISO 8601 time (UTC where it names no zone), or unix seconds; nothing for another text. Pure. */
export function parseTime(text: string, now: Date): number | undefined {
  const seconds = Math.floor(now.getTime() / 1_000);
  if (text === 'now') return seconds;
  if (/^-(\d+(w|d|h|m|s))+$/.test(text)) return seconds - parseDurationSeconds(text);
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Math.floor(Number(text));
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) return undefined;
  const zoned = /(Z|[+-]\d{2}:\d{2})$|^[^T]*$/.test(text) ? text : `${text}Z`;
  const parsed = Date.parse(zoned);
  return Number.isNaN(parsed) ? undefined : Math.floor(parsed / 1_000);
}

export function formatTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(/\.000Z$/, 'Z');
}
