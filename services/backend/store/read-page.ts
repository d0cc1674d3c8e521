import { type RawBuilder, sql } from 'kysely';
import type { Position } from '../api/page.ts';

export interface PageRequest {
  limit: number;
  /** Where the page before ended. */
  after: Position | undefined;
}

/** A time as a cursor keeps it: in UTC, to the microsecond, at which Postgres compares. */
export function cursorTime(column: string): RawBuilder<string> {
  return sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** What comes after a position in a list that is sorted by time and id, newest first. */
export function afterPosition(time: string, id: string, position: Position): RawBuilder<boolean> {
  return sql<boolean>`(${sql.ref(time)}, ${sql.ref(id)}) < (${position.time}::timestamptz, ${position.id})`;
}
