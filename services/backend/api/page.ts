import { z } from 'zod';
import type { ListRequest, Page, Position } from '../store/read-page.ts';

/** Encodes a position in a list as an opaque string for a URL. */
export function buildCursor({ time, id }: Position): string {
  return Buffer.from(JSON.stringify([time, id])).toString('base64url');
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Decodes a cursor into a position in a list. Returns undefined if the string cannot come from buildCursor. */
export function parseCursor(cursor: string): Position | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [time, id] = parts;
    if (typeof time !== 'string' || !TIME.test(time) || Number.isNaN(Date.parse(time))) return undefined;
    if (typeof id !== 'string' || id === '' || id.length > 128 || id.includes('\0')) return undefined;
    return { time, id };
  } catch {
    return undefined;
  }
}

/** The query parameters of every list. */
export const pageQueryShape = {
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Largest number of items in the page'),
  cursor: z
    .string()
    .max(500)
    .refine((cursor) => parseCursor(cursor) !== undefined, 'is not a cursor: send the next_cursor of an earlier page')
    .optional()
    .describe('`next_cursor` of the page before this one'),
};

/** The query parameter `since`, which only some lists have. */
export const sinceSchema = z.iso
  .datetime({ offset: true })
  .optional()
  .describe('Only items from this time on, ISO 8601')
  .meta({ examples: ['2026-01-31T00:00:00Z'] });

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
    since: since === undefined ? undefined : new Date(since),
    filter,
  };
}

export function presentPage<Row, Item>({ rows, next }: Page<Row>, present: (row: Row) => Item) {
  return { items: rows.map(present), next_cursor: next === undefined ? null : buildCursor(next) };
}
