import { z } from 'zod';
import type { PipelineRow } from '#platform/schema.ts';
import { triggerModes } from '#trading/executions/execution.ts';
import { type PipelineDefinition, pipelineSchema } from '#trading/pipelines/pipeline.ts';
import { tickerSchema } from '#trading/signals/signal.ts';
import { pipelineIdSchema } from '../../pipelines/pipeline-id.ts';
import { pageQueryShape, pageSchema, timeSchema } from '../fields.ts';

const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'a name has no control characters')
  .describe('Name for people');

const example = {
  name: 'Golden cross on Bitcoin',
  trigger: { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1M', minConfidence: 60 }] },
  tickers: ['BTCUSD'],
  risk: { maxPositionUsd: 5_000, maxDailyLossUsd: 500, maxDrawdown: 0.2 },
  mode: 'paper',
};

export const pipelineStatuses = ['active', 'paused', 'deleted'] as const;

/** What makes a pipeline, whoever writes it: the body of PUT, and what a PATCH must result in. */
export const pipelineBodySchema = pipelineSchema
  .extend({ name: nameSchema })
  .meta({ id: 'PipelineBody', examples: [example] });

export const newPipelineSchema = pipelineSchema
  .extend({
    pipeline_id: pipelineIdSchema.optional().describe('Made of the name when absent'),
    name: nameSchema,
  })
  .meta({ id: 'NewPipeline', examples: [{ pipeline_id: 'golden-cross-btc', ...example }] });

export const pipelinePatchSchema = z.record(z.string(), z.unknown()).meta({
  id: 'PipelinePatch',
  description:
    'A JSON merge patch (RFC 7396) of a pipeline: fields of a PipelineBody to change; null removes one. The result is checked as a whole.',
  examples: [{ risk: { maxPositionUsd: 2_500 } }],
});

export const pipelineResponseSchema = z
  .object({
    pipeline_id: pipelineIdSchema,
    ...pipelineSchema.shape,
    name: z.string(),
    owner: z
      .enum(['api', 'cluster'])
      .describe('Who may change it: users of this API, or the TradingPipeline that declares it'),
    status: z.enum(pipelineStatuses),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: 'Pipeline' });

export const pipelinePageSchema = pageSchema(pipelineResponseSchema, 'PipelinePage');

export const pipelineListQuerySchema = z.object({
  ...pageQueryShape,
  status: z.enum(pipelineStatuses).optional().describe('Only these; without it all but the deleted'),
});

export const pipelineParamsSchema = z.object({ pipeline_id: pipelineIdSchema });

export const runBodySchema = z
  .object({ ticker: tickerSchema.optional().describe('Only for this ticker; for all of the pipeline when absent') })
  .default({})
  .meta({ id: 'RunRequest', examples: [{ ticker: 'BTCUSD' }] });

const runEntrySchema = z.object({ ticker: z.string(), execution_id: z.string() });

export const runResponseSchema = z
  .object({
    executions: z.array(runEntrySchema).describe('What was started, one for each ticker'),
    busy: z
      .array(runEntrySchema)
      .describe('Tickers left out because an execution of the pipeline runs for them, and which'),
    trigger_mode: z.enum(triggerModes),
  })
  .meta({ id: 'RunResponse' });

/** Splits what a user writes into the columns of the row. */
export function splitBody({ name, ...definition }: z.output<typeof pipelineBodySchema>): {
  name: string;
  definition: PipelineDefinition;
} {
  return { name, definition };
}

export function presentPipeline(row: PipelineRow): z.output<typeof pipelineResponseSchema> {
  return {
    pipeline_id: row.pipeline_id,
    name: row.name,
    owner: row.owner,
    status: row.status,
    ...row.definition,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
