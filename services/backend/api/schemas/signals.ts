import { z } from 'zod';
import type { SignalRow } from '#platform/schema.ts';
import { signalSchema, tickerSchema } from '#trading/signals/signal.ts';
import { idSchema, pageQueryShape, pageSchema, sinceSchema, timeSchema } from '../fields.ts';

const outcomes = ['matched', 'skipped', 'unmatched'] as const;

export const signalResponseSchema = z
  .object({
    signal_id: z.string(),
    signal_type: z.string(),
    source: z.string(),
    timeframe: z.string(),
    tickers: signalSchema.shape.tickers,
    metadata: z.record(z.string(), z.unknown()),
    generated_at: timeSchema,
    stored_at: timeSchema,
    outcome: z.enum(outcomes).describe('skipped: every pipeline it matched was running for that ticker'),
    matched: z.int().describe('pipelines it matched, counted once for each ticker'),
    enqueued: z.int(),
    skipped: z.int(),
  })
  .meta({ id: 'Signal' });

export const signalPageSchema = pageSchema(signalResponseSchema, 'SignalPage');

export const signalListQuerySchema = z.object({
  ...pageQueryShape,
  type: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'a signal type is 1 to 64 characters of A-Z, a-z, 0-9, _ . and -')
    .optional()
    .describe('Only signals of this type')
    .meta({ examples: ['golden_cross'] }),
  ticker: tickerSchema.optional(),
  outcome: z.enum(outcomes).optional(),
  since: sinceSchema,
});

export const signalParamsSchema = z.object({ signal_id: idSchema });

export function presentSignal(row: SignalRow): z.output<typeof signalResponseSchema> {
  return {
    signal_id: row.signal_id,
    signal_type: row.signal_type,
    source: row.source,
    timeframe: row.timeframe,
    tickers: row.signal.tickers,
    metadata: row.signal.metadata,
    generated_at: row.generated_at.toISOString(),
    stored_at: row.stored_at.toISOString(),
    outcome: row.outcome,
    matched: row.matched,
    enqueued: row.enqueued,
    skipped: row.skipped,
  };
}
