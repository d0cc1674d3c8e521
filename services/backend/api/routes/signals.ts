import { z } from 'zod';
import type { SignalRow } from '#platform/schema.ts';
import { signalOutcomes } from '#trading/executions/execution.ts';
import { recordIdSchema } from '#trading/ids.ts';
import { tickerSchema } from '#trading/market/bar.ts';
import { signalSchema } from '#trading/signals/signal.ts';
import { readSignal, readSignals } from '../../store/signals.ts';
import { expectFound, problemResponses } from '../errors/api-problem.ts';
import { timeSchema } from '../fields.ts';
import { pageQueryShape, pageSchema, parseListRequest, presentPage, sinceSchema } from '../page.ts';
import type { Resource } from '../resource.ts';

const storedSignalSchema = z
  .object({
    signal_id: z.string(),
    signal_type: z.string(),
    source: z.string(),
    timeframe: z.string(),
    tickers: signalSchema.shape.tickers,
    metadata: z.record(z.string(), z.unknown()),
    generated_at: timeSchema,
    stored_at: timeSchema,
    outcome: z
      .enum(signalOutcomes)
      .describe(
        'unmatched: no pipeline waits for this signal. skipped: every matched pipeline was already running for the ticker',
      ),
    matched: z.int().describe('Number of matched pipelines, counted once for each ticker'),
    enqueued: z.int(),
    skipped: z.int(),
  })
  .meta({ id: 'Signal' });

const signalListQuerySchema = z.object({
  ...pageQueryShape,
  type: signalSchema.shape.signal_type
    .optional()
    .describe('Only signals of this type')
    .meta({ examples: ['golden_cross'] }),
  ticker: tickerSchema.optional(),
  outcome: z.enum(signalOutcomes).optional(),
  since: sinceSchema,
});

export const signals: Resource = {
  tag: { name: 'signals', description: 'Signals that the generators found in market data' },
  addRoutes(app, { db }) {
    app.get(
      '/api/v1/signals',
      {
        schema: {
          operationId: 'listSignals',
          summary: 'List signals',
          description: 'Newest first, by the time at which the dispatcher stored them.',
          querystring: signalListQuerySchema,
          response: {
            200: pageSchema(storedSignalSchema, 'SignalPage'),
            ...problemResponses({ 400: 'A parameter is wrong' }),
          },
        },
      },
      async ({ query }) => presentPage(await readSignals(db, parseListRequest(query)), presentSignal),
    );

    app.get(
      '/api/v1/signals/:signal_id',
      {
        schema: {
          operationId: 'readSignal',
          summary: 'Read a signal',
          description: 'To list the executions that the signal started, use /api/v1/executions?signal_id=….',
          params: z.object({ signal_id: recordIdSchema }),
          response: { 200: storedSignalSchema, ...problemResponses({ 404: 'There is no such signal' }) },
        },
      },
      async ({ params: { signal_id: id } }) => presentSignal(expectFound(await readSignal(db, id), 'signal', id)),
    );
  },
};

export function presentSignal(row: SignalRow): z.output<typeof storedSignalSchema> {
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
