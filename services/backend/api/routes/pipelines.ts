import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { parseDeclaredPipelineId } from '#catalogue/declared-pipelines.ts';
import type { PipelineRow } from '#platform/schema.ts';
import { buildPipelineId } from '../../pipelines/pipeline-id.ts';
import {
  changePipeline,
  insertPipeline,
  type PipelineStatus,
  readPipeline,
  readPipelines,
} from '../../store/pipelines.ts';
import type { Api } from '../api-instance.ts';
import { ApiProblem, notFound } from '../errors/api-problem.ts';
import { buildPage, problemResponses } from '../fields.ts';
import type { UserAction } from '../requests/measure-requests.ts';
import { mergePatch } from '../requests/merge-patch.ts';
import { parseStrictly } from '../requests/validation.ts';
import type { RouteContext } from '../resource.ts';
import {
  newPipelineSchema,
  pipelineBodySchema,
  pipelineListQuerySchema,
  pipelinePageSchema,
  pipelineParamsSchema,
  pipelinePatchSchema,
  pipelineResponseSchema,
  presentPipeline,
  runBodySchema,
  runResponseSchema,
  splitBody,
} from '../schemas/pipelines.ts';
import { parsePageRequest } from './page-request.ts';

const tags = ['pipelines'];
const params = pipelineParamsSchema;
const notFoundText = 'There is no such pipeline';
const readOnlyText = 'The pipeline is declared by a TradingPipeline in the cluster: change it there';
const deletedText = 'The pipeline is deleted';

export function addPipelineRoutes(app: Api, context: RouteContext): void {
  addReading(app, context);
  addCreating(app, context);
  addChanging(app, context);
  addStatusChange(app, context, pausing);
  addStatusChange(app, context, resuming);
  addDeleting(app, context);
  addRunning(app, context);
}

function addReading(app: Api, { db }: RouteContext): void {
  app.get(
    '/api/v1/pipelines',
    {
      schema: {
        tags,
        operationId: 'listPipelines',
        summary: 'List pipelines',
        description: 'Newest first. Deleted pipelines are listed only with `status=deleted`.',
        querystring: pipelineListQuerySchema,
        response: { 200: pipelinePageSchema, ...problemResponses({ 400: 'A parameter is wrong' }) },
      },
    },
    async ({ query }) => {
      const rows = await readPipelines(db, parsePageRequest(query), query.status);
      return buildPage(rows, query.limit, presentPipeline, (row) => ({ time: row.cursor_time, id: row.pipeline_id }));
    },
  );

  app.get(
    '/api/v1/pipelines/:pipeline_id',
    {
      schema: {
        tags,
        operationId: 'readPipeline',
        summary: 'Read a pipeline',
        description: 'Also a deleted one, with `status` deleted: its executions and orders refer to it.',
        params,
        response: { 200: pipelineResponseSchema, ...problemResponses({ 404: notFoundText }) },
      },
    },
    async ({ params }) => {
      const row = await readPipeline(db, params.pipeline_id);
      if (!row) throw notFound('pipeline', params.pipeline_id);
      return presentPipeline(row);
    },
  );
}

function addCreating(app: Api, { db, log }: RouteContext): void {
  app.post(
    '/api/v1/pipelines',
    {
      config: actionConfig('create_pipeline'),
      schema: {
        tags,
        operationId: 'createPipeline',
        summary: 'Create a pipeline',
        description: 'It is active at once. Without `pipeline_id` one is made of the name.',
        body: newPipelineSchema,
        response: {
          201: pipelineResponseSchema,
          ...problemResponses({ 400: 'The pipeline is wrong; `errors` names each field', 409: 'The id is taken' }),
        },
      },
    },
    async ({ body }, reply) => {
      const { pipeline_id: given, ...rest } = body;
      const pipelineId = given ?? buildPipelineId(rest.name, randomBytes(3).toString('hex'));
      const row = await insertPipeline(db, { pipelineId, ...splitBody(rest) });
      if (!row)
        throw new ApiProblem('pipeline-exists', `There is a pipeline "${pipelineId}" already, if only a deleted one.`);
      log.info({ pipeline_id: pipelineId }, 'pipeline created');
      reply.code(201).header('location', `/api/v1/pipelines/${pipelineId}`);
      return presentPipeline(row);
    },
  );
}

function addChanging(app: Api, { db, log }: RouteContext): void {
  const response = {
    200: pipelineResponseSchema,
    ...problemResponses({
      400: 'The pipeline would be wrong; `errors` names each field',
      403: readOnlyText,
      404: notFoundText,
      409: deletedText,
    }),
  };
  const config = actionConfig('update_pipeline');

  async function update(pipelineId: string, decide: (row: PipelineRow) => z.output<typeof pipelineBodySchema>) {
    const row = await changePipeline(db, pipelineId, (current) => {
      checkChangeable(current);
      return splitBody(decide(current));
    });
    if (!row) throw notFound('pipeline', pipelineId);
    log.info({ pipeline_id: pipelineId }, 'pipeline updated');
    return presentPipeline(row);
  }

  app.put(
    '/api/v1/pipelines/:pipeline_id',
    {
      config,
      schema: {
        tags,
        operationId: 'replacePipeline',
        summary: 'Replace a pipeline',
        description: 'Its id and status stay. Fields left out take their defaults.',
        params,
        body: pipelineBodySchema,
        response,
      },
    },
    ({ params, body }) => update(params.pipeline_id, () => body),
  );

  app.patch(
    '/api/v1/pipelines/:pipeline_id',
    {
      config,
      schema: {
        tags,
        operationId: 'changePipeline',
        summary: 'Change fields of a pipeline',
        description:
          'A JSON merge patch (RFC 7396). The whole result is checked; when it is wrong, nothing is changed.',
        params,
        body: pipelinePatchSchema,
        response,
      },
    },
    ({ params, body }) =>
      update(params.pipeline_id, ({ name, definition }) =>
        parseStrictly(pipelineBodySchema, mergePatch({ name, ...definition }, body)),
      ),
  );
}

interface StatusChange {
  verb: 'pause' | 'resume';
  status: PipelineStatus;
  done: string;
  summary: string;
  description: string;
}

const pausing: StatusChange = {
  verb: 'pause',
  status: 'paused',
  done: 'pipeline paused',
  summary: 'Pause a pipeline',
  description: 'No signal starts it until it is resumed. Pausing a paused pipeline changes nothing.',
};
const resuming: StatusChange = {
  verb: 'resume',
  status: 'active',
  done: 'pipeline resumed',
  summary: 'Resume a paused pipeline',
  description: 'Signals that came meanwhile are not made up for. Resuming an active pipeline changes nothing.',
};

function addStatusChange(
  app: Api,
  { db, log }: RouteContext,
  { verb, status, done, summary, description }: StatusChange,
): void {
  app.post(
    `/api/v1/pipelines/:pipeline_id/${verb}`,
    {
      config: actionConfig(`${verb}_pipeline`),
      schema: {
        tags,
        operationId: `${verb}Pipeline`,
        summary,
        description,
        params,
        response: {
          200: pipelineResponseSchema,
          ...problemResponses({ 403: readOnlyText, 404: notFoundText, 409: deletedText }),
        },
      },
    },
    async ({ params }) => {
      const row = await changePipeline(db, params.pipeline_id, (current) => {
        checkChangeable(current);
        return current.status === status ? {} : { status };
      });
      if (!row) throw notFound('pipeline', params.pipeline_id);
      log.info({ pipeline_id: row.pipeline_id }, done);
      return presentPipeline(row);
    },
  );
}

function addDeleting(app: Api, { db, log }: RouteContext): void {
  app.delete(
    '/api/v1/pipelines/:pipeline_id',
    {
      config: actionConfig('delete_pipeline'),
      schema: {
        tags,
        operationId: 'deletePipeline',
        summary: 'Delete a pipeline',
        description:
          'It never runs again. Its executions, orders and positions stay, and so does its id. Deleting it again changes nothing.',
        params,
        response: {
          204: z.undefined().describe('It is deleted'),
          ...problemResponses({ 403: readOnlyText, 404: notFoundText }),
        },
      },
    },
    async ({ params }, reply) => {
      const row = await changePipeline(db, params.pipeline_id, (current) => {
        if (current.status === 'deleted') return {};
        checkChangeable(current);
        return { status: 'deleted' };
      });
      if (!row) throw notFound('pipeline', params.pipeline_id);
      log.info({ pipeline_id: row.pipeline_id }, 'pipeline deleted');
      return reply.code(204).send();
    },
  );
}

function addRunning(app: Api, { db, runPipeline }: RouteContext): void {
  app.post(
    '/api/v1/pipelines/:pipeline_id/run',
    {
      config: actionConfig('run_pipeline'),
      schema: {
        tags,
        operationId: 'runPipeline',
        summary: 'Run a pipeline now',
        description:
          'Starts one execution for each ticker that the pipeline is not running for. Follow them at /api/v1/executions/{execution_id} or in the stream.',
        params,
        body: runBodySchema,
        response: {
          202: runResponseSchema,
          ...problemResponses({
            400: 'The pipeline does not trade this ticker',
            404: notFoundText,
            409: 'It is paused or deleted, or runs for every ticker asked for: `busy` names the executions',
            503: 'The job queue is away: the executions are stored as failed',
          }),
        },
      },
    },
    async ({ params, body }, reply) => {
      const pipeline = await readPipeline(db, params.pipeline_id);
      if (!pipeline) throw notFound('pipeline', params.pipeline_id);
      const { started, busy } = await runPipeline(pipeline, body.ticker);
      const [only] = started.length === 1 ? started : [];
      if (only) reply.header('location', `/api/v1/executions/${only.execution_id}`);
      return reply.code(202).send({ executions: started, busy, trigger_mode: 'manual' });
    },
  );
}

/** @throws ApiProblem when a pipeline must not be changed through the API */
function checkChangeable({ pipeline_id: id, status, owner }: PipelineRow): void {
  if (owner === 'cluster') {
    const { namespace, name } = parseDeclaredPipelineId(id);
    const detail = `The pipeline "${id}" is declared by the TradingPipeline ${name} in the namespace ${namespace}.`;
    throw new ApiProblem('declared-by-cluster', detail);
  }
  if (status === 'deleted') throw new ApiProblem('pipeline-deleted', `The pipeline "${id}" is deleted.`);
}

/** What makes a request count in api_user_actions_total. */
function actionConfig(action: UserAction): { action: UserAction } {
  return { action };
}
