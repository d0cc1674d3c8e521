import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { visibleText } from '#base/visible-text.ts';
import type { PipelineRow } from '#platform/schema.ts';
import { newPipelineIdSchema, pipelineIdSchema } from '#trading/ids.ts';
import { judgeTrigger, MOST_WARNINGS, triggerWarningCodes } from '#trading/pipelines/judge-trigger.ts';
import { type PipelineDefinition, pipelineSchema } from '#trading/pipelines/pipeline.ts';
import { pipelineOwners, pipelineStatuses } from '#trading/pipelines/pipeline-status.ts';
import type { Emitted } from '#trading/signals/emitted.ts';
import { buildPipelineId } from '../../pipelines/pipeline-id.ts';
import { insertPipeline, readPipeline, readPipelines } from '../../store/pipelines.ts';
import { ApiProblem, expectFound, problemResponses } from '../errors/api-problem.ts';
import { timeSchema } from '../fields.ts';
import { pageQueryShape, pageSchema, parseListRequest, presentPage } from '../page.ts';
import { formatPath } from '../requests/field-errors.ts';
import type { Api, Resource, RouteContext } from '../resource.ts';

export const pipelinesTag = {
  name: 'pipelines',
  description: 'Definitions of what is traded, and when',
};

export const noRoomText = 'The pipelines together take too much room in the memory of the dispatcher';

const nameSchema = z
  .string()
  .trim()
  .regex(
    visibleText(200, String.raw`\s`),
    'expected 1 to 200 visible characters: no control, zero-width or bidirectional characters, no halves of surrogate pairs',
  )
  .describe('Name for people to read')
  .meta({ examples: ['Golden cross on Bitcoin'] });

const example = {
  name: 'Golden cross on Bitcoin',
  trigger: { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1M', minConfidence: 60 }] },
  tickers: ['BTCUSD'],
  risk: { maxPositionUsd: 5_000, maxDailyLossUsd: 500, maxDrawdown: 0.2 },
  mode: 'paper',
};

/** The fields of a pipeline that its author writes. A PUT body and the result of a PATCH must have this form. */
export const pipelineBodySchema = pipelineSchema
  .extend({ name: nameSchema })
  .meta({ id: 'PipelineBody', examples: [example] });

const newPipelineSchema = pipelineSchema
  .extend({
    pipeline_id: newPipelineIdSchema
      .optional()
      .describe('Default: derived from the name. It has no dot, unlike the id of a declared pipeline'),
    name: nameSchema,
  })
  .meta({ id: 'NewPipeline', examples: [{ pipeline_id: 'golden-cross-btc', ...example }] });

const pipelineResponseSchema = z
  .object({
    pipeline_id: pipelineIdSchema,
    ...pipelineSchema.shape,
    name: z.string(),
    owner: z
      .enum(pipelineOwners)
      .describe('Who may change the pipeline. api: users of this API. cluster: the TradingPipeline that declares it'),
    status: z.enum(pipelineStatuses),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({ id: 'Pipeline' });

const warningSchema = z
  .object({
    path: z.string().describe('Path of the field in the body'),
    code: z
      .enum(triggerWarningCodes)
      .describe('never-seen: nothing emits it. not-seen-yet: the platform has not watched for long enough to know'),
    message: z.string().describe('What nothing emits, what is nearest, and what is emitted'),
  })
  .meta({ id: 'PipelineWarning' });

/** A single pipeline in a response. Lists have no warnings. */
export const checkedPipelineSchema = pipelineResponseSchema
  .extend({
    warnings: z
      .array(warningSchema)
      .max(MOST_WARNINGS)
      .describe('Tickers and signals of the pipeline that nothing emits, so that they never start it'),
  })
  .meta({ id: 'CheckedPipeline' });

const pipelineListQuerySchema = z.object({
  ...pageQueryShape,
  status: z
    .enum(pipelineStatuses)
    .optional()
    .describe('Only pipelines with this status; default: all that are not deleted'),
});

export const pipelineParamsSchema = z.object({ pipeline_id: pipelineIdSchema });

/** Lists, reads and creates pipelines. pipeline-changes.ts changes them, pipeline-runs.ts runs them. */
export const pipelines: Resource = {
  tag: pipelinesTag,
  addRoutes(app, context) {
    addReading(app, context);
    addCreating(app, context);
  },
};

function addReading(app: Api, { db, emitted }: RouteContext): void {
  app.get(
    '/api/v1/pipelines',
    {
      schema: {
        operationId: 'listPipelines',
        summary: 'List pipelines',
        description: 'Newest first. Deleted pipelines are listed only with `status=deleted`.',
        querystring: pipelineListQuerySchema,
        response: {
          200: pageSchema(pipelineResponseSchema, 'PipelinePage'),
          ...problemResponses({ 400: 'A parameter is wrong' }),
        },
      },
    },
    async ({ query }) => presentPage(await readPipelines(db, parseListRequest(query)), presentPipeline),
  );

  app.get(
    '/api/v1/pipelines/:pipeline_id',
    {
      schema: {
        operationId: 'readPipeline',
        summary: 'Read a pipeline',
        description: 'A deleted pipeline can be read too, because its executions and orders refer to it.',
        params: pipelineParamsSchema,
        response: { 200: checkedPipelineSchema, ...problemResponses({ 404: 'There is no such pipeline' }) },
      },
    },
    async ({ params: { pipeline_id: id } }) =>
      presentChecked(expectFound(await readPipeline(db, id), 'pipeline', id), await emitted.read()),
  );
}

function addCreating(app: Api, { db, log, config, emitted }: RouteContext): void {
  app.post(
    '/api/v1/pipelines',
    {
      config: { action: 'create_pipeline' },
      schema: {
        operationId: 'createPipeline',
        summary: 'Create a pipeline',
        description:
          'The pipeline is active at once. `warnings` names tickers and signals that nothing emits; the pipeline is created all the same.',
        body: newPipelineSchema,
        response: {
          201: checkedPipelineSchema,
          ...problemResponses({
            400: 'The pipeline is wrong; `errors` names each field',
            409: 'The id is taken',
            422: noRoomText,
          }),
        },
      },
    },
    async ({ body }, reply) => {
      const { pipeline_id: given, ...rest } = body;
      const pipelineId = given ?? buildPipelineId(rest.name, randomBytes(3).toString('hex'));
      // Read first: a pipeline that was created must not be answered with an error.
      const known = await emitted.read();
      const row = await insertPipeline(db, { pipelineId, ...splitBody(rest) }, config.PIPELINES_MAX_ENTRIES);
      if (!row)
        throw new ApiProblem(
          'pipeline-exists',
          `The id "${pipelineId}" is taken by another pipeline, possibly a deleted one.`,
        );
      log.info({ pipeline_id: pipelineId }, 'pipeline created');
      reply.code(201).header('location', `/api/v1/pipelines/${pipelineId}`);
      return presentChecked(row, known);
    },
  );
}

/** Splits the body of a request into the columns `name` and `definition` of the table `pipelines`. */
export function splitBody({ name, ...definition }: z.output<typeof pipelineBodySchema>): {
  name: string;
  definition: PipelineDefinition;
} {
  return { name, definition };
}

/** Returns the pipeline with warnings about what nothing emits. */
export function presentChecked(row: PipelineRow, emitted: Emitted): z.output<typeof checkedPipelineSchema> {
  const warnings = judgeTrigger(row.definition, emitted);
  return {
    ...presentPipeline(row),
    warnings: warnings.map(({ path, code, message }) => ({ path: formatPath(path), code, message })),
  };
}

function presentPipeline(row: PipelineRow): z.output<typeof pipelineResponseSchema> {
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
