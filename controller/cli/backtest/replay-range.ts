/** The range of a backtest: parses `--from` and `--to`, and lists the times at which rules are evaluated. Pure. */
import { parseCalendarTime } from '#base/calendar-time.ts';
import { parseDurationSeconds } from '#base/duration.ts';
import { Failure } from '../command-io.ts';

/** A time range and its step. All fields are in seconds; `from` and `to` are unix times. */
export interface ReplayRange {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** @throws Failure if a time does not parse, or if the range is empty */
export function parseRange(
  { from, to, step }: { readonly from: string; readonly to: string; readonly step: number },
  now: Date,
): ReplayRange {
  const range = { from: needTime('--from', from, now), to: needTime('--to', to, now), step };
  if (range.from >= range.to) throw new Failure(`--from: expected a time before --to (${to}), got ${from}`);
  return range;
}

function needTime(option: string, text: string, now: Date): number {
  const time = parseTime(text, now);
  if (time !== undefined) return time;
  throw new Failure(
    `${option}: expected now, -6h, 2026-03-01, 2026-03-01T09:30Z or unix seconds, got ${JSON.stringify(text)}`,
  );
}

/**
 * Parses `now`, `-6h`, an ISO 8601 time (UTC if it names no zone) or unix seconds into unix seconds. Returns undefined for any
 * other string.
 */
export function parseTime(text: string, now: Date): number | undefined {
  const seconds = Math.floor(now.getTime() / 1_000);
  if (text === 'now') return seconds;
  if (/^-(\d+(w|d|h|m|s))+$/.test(text)) return seconds - parseDurationSeconds(text);
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Math.floor(Number(text));
  const parsed = parseCalendarTime(text);
  return parsed === undefined ? undefined : Math.floor(parsed / 1_000);
}

export function formatTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(/\.000Z$/, 'Z');
}

/** Returns the evaluation times, from the start of the range, one `step` apart. */
export function listTimes({ from, to, step }: ReplayRange): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
