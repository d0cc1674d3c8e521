import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from '#platform/schema.ts';

/** The time and id of the last item of a page. `time` keeps microseconds, which a Date would lose. */
export interface Position {
  time: string;
  id: string;
}

/** A request for one page of a list. */
export interface ListRequest<Filter = object> {
  limit: number;
  /** Where the page before ended; undefined for the first page. */
  after?: Position | undefined;
  /** Leaves out items older than this. */
  since?: Date | undefined;
  filter: Filter;
}

export interface Page<Row> {
  rows: Row[];
  /** Where this page ended; undefined if it is the last one. */
  next: Position | undefined;
}

/** Columns of a row that a list can be filtered by. A column that is undefined does not filter. */
export type ColumnFilter<Row, Column extends keyof Row> = { readonly [Name in Column]?: Row[Name] | undefined };

/** The columns that a list is sorted by: newest first, then by id. An index must cover both. */
interface ListOrder<Row> {
  readonly time: keyof Row & string;
  readonly id: keyof Row & string;
}

/** Reads one page of a list. Asks for one row more than the limit, to learn whether another page follows. */
export async function readPage<Table extends keyof Database, Row>(
  query: SelectQueryBuilder<Database, Table, Row>,
  { time, id }: ListOrder<Row>,
  { limit, after, since }: Omit<ListRequest, 'filter'>,
): Promise<Page<Row>> {
  const rows = await query
    .select(toMicroseconds(time).as('cursor_time'))
    .$if(since !== undefined, (some) => some.where(sql<boolean>`${sql.ref(time)} >= ${since}`))
    .$if(after !== undefined, (some) => some.where(isAfter(time, id, after as Position)))
    .orderBy(sql.ref(time), 'desc')
    .orderBy(sql.ref(id), 'desc')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit) as (Row & { cursor_time: string })[];
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { rows: shown, next: last && { time: last.cursor_time, id: String(last[id]) } };
}

/** The condition that each of these columns equals its value; columns that are undefined are not compared. */
export function columnsEqual(values: Readonly<Record<string, unknown>>): RawBuilder<boolean> {
  const conditions = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => sql<boolean>`${sql.ref(column)} = ${value}`);
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** A time as a Position keeps it: UTC, to the microsecond, the precision at which Postgres compares. */
function toMicroseconds(column: string): RawBuilder<string> {
  return sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** The condition that a row follows a position in a list that is sorted newest first. */
function isAfter(time: string, id: string, position: Position): RawBuilder<boolean> {
  return sql<boolean>`(${sql.ref(time)}, ${sql.ref(id)}) < (${position.time}::timestamptz, ${position.id})`;
}
