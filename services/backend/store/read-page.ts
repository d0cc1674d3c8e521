import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from '#platform/schema.ts';

/** Time and id of the last item of a page. `time` is a string with microseconds, which a Date would lose. */
export interface Position {
  time: string;
  id: string;
}

/** A request for one page of a list. */
export interface ListRequest<Filter = object> {
  limit: number;
  /** Position of the last item of the page before; undefined for the first page. */
  after?: Position | undefined;
  /** If set, items older than this are left out. */
  since?: Date | undefined;
  filter: Filter;
}

export interface Page<Row> {
  rows: Row[];
  /** Position of the last item of this page; undefined if there is no next page. */
  next: Position | undefined;
}

/**
 * A filter of a list: columns and the values that they must have. A column whose value is undefined does not filter.
 */
export type ColumnFilter<Row, Column extends keyof Row> = { readonly [Name in Column]?: Row[Name] | undefined };

/**
 * The two columns by which a list is sorted: first by time, newest first, then by id. An index must cover both columns.
 */
interface ListOrder<Row> {
  readonly time: keyof Row & string;
  readonly id: keyof Row & string;
}

/** Reads one page of a list. Queries one row more than the limit, to find out whether there is a next page. */
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

/**
 * Returns the SQL condition that each of these columns equals its value. A column whose value is undefined is not
 * compared.
 */
export function columnsEqual(values: Readonly<Record<string, unknown>>): RawBuilder<boolean> {
  const conditions = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => sql<boolean>`${sql.ref(column)} = ${value}`);
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/**
 * Formats a time column as in a Position: in UTC, with microseconds, because Postgres compares times to the
 * microsecond.
 */
function toMicroseconds(column: string): RawBuilder<string> {
  return sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** Returns the SQL condition that a row comes after a position in a list that is sorted newest first. */
function isAfter(time: string, id: string, position: Position): RawBuilder<boolean> {
  return sql<boolean>`(${sql.ref(time)}, ${sql.ref(id)}) < (${position.time}::timestamptz, ${position.id})`;
}
