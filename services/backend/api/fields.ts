import { z } from 'zod';
import { problemNames, problems } from './errors/problems.ts';
import { buildCursor, type Position, parseCursor } from './page.ts';

/** Exact decimals are strings: a JSON number would lose digits. */
export const decimalSchema = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ id: 'Decimal', description: 'An exact decimal number, as a string', examples: ['1250.75'] });

export const timeSchema = z.iso
  .datetime()
  .meta({ description: 'ISO 8601, UTC', examples: ['2026-01-31T12:00:00.000Z'] });

export const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,128}$/, 'an id is 1 to 128 characters of A-Z, a-z, 0-9, . _ : and -');

export const fieldErrorSchema = z
  .object({
    path: z
      .string()
      .describe('the field, as JavaScript would write its path')
      .meta({ examples: ['trigger.signals[0].type'] }),
    message: z.string(),
  })
  .meta({ id: 'FieldError' });

export const problemSchema = z
  .looseObject({
    type: z.string().describe('address of the description of this kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('what went wrong this time'),
    instance: z.string().describe('the request it went wrong in'),
    remedy: z.string().describe('what to do'),
    request_id: z.string().describe('by which the log of the backend knows this request'),
    errors: z.array(fieldErrorSchema).optional().describe('each wrong field'),
  })
  .meta({
    id: 'Problem',
    description: 'An error, as RFC 9457 (application/problem+json) writes it',
    examples: [
      {
        type: '/api/v1/problems/invalid-request',
        title: problems['invalid-request'].title,
        status: 400,
        detail: 'Wrong: trigger.signals[0].type.',
        instance: '/api/v1/pipelines',
        remedy: problems['invalid-request'].remedy,
        request_id: '8d0f2f5e-7d4c-4c5e-9a38-0d5c6f2b1a11',
        errors: [
          { path: 'trigger.signals[0].type', message: 'Invalid option: expected one of "golden_cross"|"death_cross"' },
        ],
      },
    ],
  });

export const problemDefinitionSchema = z
  .object({
    type: z.string(),
    name: z.enum(problemNames),
    status: z.int(),
    title: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'ProblemDefinition', description: 'A kind of problem, and what to do about it' });

/** What every list takes. */
export const pageQueryShape = {
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Most items of the page'),
  cursor: z
    .string()
    .max(500)
    .refine((cursor) => parseCursor(cursor) !== undefined, 'is no cursor: give the next_cursor of an earlier page')
    .optional()
    .describe('`next_cursor` of the page before'),
};

export const sinceSchema = z.iso
  .datetime({ offset: true })
  .optional()
  .describe('Only what is not older than this time, ISO 8601')
  .meta({ examples: ['2026-01-31T00:00:00Z'] });

/** What every list answers. */
export function pageSchema<Item extends z.ZodType>(item: Item, id: string) {
  return z
    .object({
      items: z.array(item),
      next_cursor: z.string().nullable().describe('`cursor` of the next page; null when this is the last'),
    })
    .meta({ id });
}

/** The page of rows that were asked for with one more than `limit`. */
export function buildPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
  positionOf: (row: Row) => Position,
) {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(present), next_cursor: last === undefined ? null : buildCursor(positionOf(last)) };
}

/** Responses of a route for its problems, for the OpenAPI document. */
export function problemResponses<Status extends number>(descriptions: Record<Status, string>) {
  const entries = Object.entries<string>({ ...descriptions, default: 'Any other problem' }).map(
    ([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: problemSchema } } },
    ],
  );
  return Object.fromEntries(entries) as Record<
    Status | 'default',
    { description: string; content: { 'application/problem+json': { schema: typeof problemSchema } } }
  >;
}
