import { z } from 'zod';
import { triggerModes } from '#trading/executions/execution.ts';
import { tickerSchema } from '#trading/market/bar.ts';
import { readPipeline } from '../../store/pipelines.ts';
import { expectFound, problemResponses } from '../errors/api-problem.ts';
import type { Resource } from '../resource.ts';
import { pipelineParamsSchema, pipelinesTag } from './pipelines.ts';

const runBodySchema = z
  .object({
    ticker: tickerSchema.optional().describe('Run for this ticker only; default: for all tickers of the pipeline'),
  })
  .default({})
  .meta({ id: 'RunRequest', examples: [{ ticker: 'BTCUSD' }] });

const runEntrySchema = z.object({ ticker: z.string(), execution_id: z.string() });

const runResponseSchema = z
  .object({
    executions: z.array(runEntrySchema).describe('Started executions, one for each ticker'),
    busy: z
      .array(runEntrySchema)
      .describe('Tickers left out because the pipeline is already running for them, each with that execution'),
    trigger_mode: z.enum(triggerModes),
  })
  .meta({ id: 'RunResponse' });

export const pipelineRuns: Resource = {
  tag: pipelinesTag,
  addRoutes(app, { db, runPipeline }) {
    app.post(
      '/api/v1/pipelines/:pipeline_id/run',
      {
        config: { action: 'run_pipeline' },
        schema: {
          operationId: 'runPipeline',
          summary: 'Run a pipeline now',
          description:
            'Starts one execution for each ticker, except those that the pipeline is already running for. Follow the executions at /api/v1/executions/{execution_id} or in the stream.',
          params: pipelineParamsSchema,
          body: runBodySchema,
          response: {
            202: runResponseSchema,
            ...problemResponses({
              400: 'The pipeline does not trade this ticker',
              404: 'There is no such pipeline',
              409: 'The pipeline is paused or deleted, or already running for every ticker: `busy` names the executions',
              503: 'The job queue is unavailable: the executions were stored as failed',
            }),
          },
        },
      },
      async ({ params: { pipeline_id: id }, body }, reply) => {
        const pipeline = expectFound(await readPipeline(db, id), 'pipeline', id);
        const { started, busy } = await runPipeline(pipeline, body.ticker);
        const [only] = started.length === 1 ? started : [];
        if (only) reply.header('location', `/api/v1/executions/${only.execution_id}`);
        return reply.code(202).send({ executions: started, busy, trigger_mode: 'manual' });
      },
    );
  },
};
