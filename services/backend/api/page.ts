import { z } from 'zod';
import type { ListRequest, Page, Position } from '../store/read-page.ts';

/**
 * A cursor: the microseconds since 1970 and the id of the last item of a page, as base64url. Every text of this form is a
 * position, so that the OpenAPI document can say exactly which cursors are valid.
 */
const CURSOR = /^(-[0-9]{1,16}|[0-9]{1,17})_([A-Za-z0-9_-]{1,700})$/;

/** Encodes a position in a list as an opaque string for a URL. */
export function buildCursor({ time, id }: Position): string {
  const micros = BigInt(Date.parse(time)) * 1_000n + BigInt(time.slice(23, 26));
  return `${micros}_${Buffer.from(id).toString('base64url')}`;
}

/** Decodes a cursor into a position in a list. Returns undefined if the string is no cursor. */
export function parseCursor(cursor: string): Position | undefined {
  const [, micros, id] = CURSOR.exec(cursor) ?? [];
  if (micros === undefined || id === undefined) return parseOldCursor(cursor);
  const [milliseconds, rest] = divide(BigInt(micros), 1_000n);
  const time = new Date(Number(milliseconds)).toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`);
  return { time, id: storable(Buffer.from(id, 'base64url').toString()) };
}

function divide(value: bigint, by: bigint): [quotient: bigint, remainder: bigint] {
  const remainder = ((value % by) + by) % by;
  return [(value - remainder) / by, remainder];
}

/** Replaces NUL, which Postgres cannot read. No stored id contains it, so the position is between the same items. */
function storable(id: string): string {
  return id.replaceAll('\0', '\u0001');
}

const OLD_TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Decodes a cursor of version 0.1, which is JSON in base64url, so that clients can go on paging during an upgrade. */
function parseOldCursor(cursor: string): Position | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [time, id] = parts;
    if (typeof time !== 'string' || !OLD_TIME.test(time) || !isDate(time)) return undefined;
    if (typeof id !== 'string' || id === '' || id.length > 128 || id.includes('\0')) return undefined;
    return { time, id };
  } catch {
    return undefined;
  }
}

/** Returns whether a time exists. JavaScript takes 30 February for 2 March; Postgres refuses it. */
function isDate(time: string): boolean {
  const milliseconds = Date.parse(time);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(time.slice(0, 23));
}

/** A whole number in a query. Only digits count as one: the coercion of zod would also take `0x10`, `1e2` and spaces. */
function countSchema(min: number, max: number) {
  const schema = z.int(`expected a whole number from ${min} to ${max}`).min(min).max(max);
  return z.preprocess((text) => (typeof text === 'string' && /^[0-9]{1,9}$/.test(text) ? Number(text) : text), schema);
}

/** The query parameters of every list. */
export const pageQueryShape = {
  limit: countSchema(1, 500).default(50).describe('Largest number of items in the page'),
  cursor: z
    .string()
    .max(720)
    .refine((cursor) => parseCursor(cursor) !== undefined, 'is not a cursor: send the next_cursor of an earlier page')
    .meta({ pattern: CURSOR.source, examples: ['1769860800123456_Z29sZGVuLWNyb3Nz'] })
    .optional()
    .describe('`next_cursor` of the page before this one'),
};

/** The query parameter `since`, which only some lists have. */
export const sinceSchema = z.iso
  .datetime({ offset: true })
  .optional()
  .describe('Only items from this time on, ISO 8601')
  .meta({ examples: ['2026-01-31T00:00:00Z'] });

const FIRST_TIME = Date.parse('0001-01-01T00:00:00Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Parses a valid `since`. With its offset, a time may be before the year 1 or after 9999, where ISO 8601 and Postgres have
 * no common form. It is then moved into these years: no item is stored outside.
 */
export function parseSince(since: string): Date {
  return new Date(Math.min(Math.max(Date.parse(since), FIRST_TIME), LAST_TIME));
}

/** Returns the schema of a list's response, which is one page of items. */
export function pageSchema<Item extends z.ZodType>(item: Item, id: string) {
  return z
    .object({
      items: z.array(item),
      next_cursor: z.string().nullable().describe('`cursor` of the next page; null on the last page'),
    })
    .meta({ id });
}

interface ListQuery {
  limit: number;
  cursor?: string | undefined;
  since?: string | undefined;
}

/**
 * Turns the validated query parameters of a list route into a request to the store. All parameters except `limit`,
 * `cursor` and `since` become filters.
 */
export function parseListRequest<Query extends ListQuery>(
  query: Query,
): ListRequest<Omit<Query, 'limit' | 'cursor' | 'since'>> {
  const { limit, cursor, since, ...filter } = query;
  return {
    limit,
    after: cursor === undefined ? undefined : parseCursor(cursor),
    since: since === undefined ? undefined : parseSince(since),
    filter,
  };
}

export function presentPage<Row, Item>({ rows, next }: Page<Row>, present: (row: Row) => Item) {
  return { items: rows.map(present), next_cursor: next === undefined ? null : buildCursor(next) };
}
