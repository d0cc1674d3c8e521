import { z } from 'zod';
import type { UserAction } from '#catalogue/api.ts';
import { parseDeclaredPipelineId } from '#catalogue/declared-pipelines.ts';
import type { PipelineRow } from '#platform/schema.ts';
import { pipelineIdSchema } from '#trading/ids.ts';
import { TRADING_AGENT } from '../../pipelines/bots.ts';
import { changePipeline, type PipelineChange } from '../../store/pipelines.ts';
import { ApiProblem, expectFound, problemResponses } from '../errors/api-problem.ts';
import { patchSchema } from '../requests/patch-schema.ts';
import { mergePatch } from '../requests/request-body.ts';
import { parseStrictly } from '../requests/validation.ts';
import type { Api, Resource, RouteContext } from '../resource.ts';
import {
  checkedPipelineSchema,
  noRoomText,
  pipelineParamsSchema as params,
  pipelineBodySchema,
  pipelinesTag,
  presentChecked,
  splitBody,
} from './pipelines.ts';

const notFoundText = 'There is no such pipeline';
const readOnlyText = 'A TradingPipeline declares this pipeline: change it in the cluster';
const deletedText = 'The pipeline is deleted';

const pipelinePatchSchema = patchSchema(pipelineBodySchema).meta({
  id: 'PipelinePatch',
  description: 'A JSON merge patch (RFC 7396) of a PipelineBody: the fields to change; null removes a field.',
  examples: [{ risk: { maxPositionUsd: 2_500 } }],
});

export const pipelineChanges: Resource = {
  tag: pipelinesTag,
  addRoutes(app, context) {
    addUpdates(app, context);
    addStatusChange(app, context, pausing);
    addStatusChange(app, context, resuming);
    addStatusChange(app, context, stopping);
    addStatusChange(app, context, starting);
    addDeleting(app, context);
  },
};

function addUpdates(app: Api, context: RouteContext): void {
  const config = { action: 'update_pipeline' } as const;
  const response = {
    200: checkedPipelineSchema,
    ...problemResponses({
      400: 'The resulting pipeline would be wrong; `errors` names each field',
      403: readOnlyText,
      404: notFoundText,
      409: deletedText,
      422: noRoomText,
    }),
  };
  const update = (pipelineId: string, decide: (row: PipelineRow) => z.output<typeof pipelineBodySchema>) =>
    change(context, pipelineId, 'pipeline updated', (row) => splitBody(decide(row)));

  app.put(
    '/api/v1/pipelines/:pipeline_id',
    {
      config,
      schema: {
        operationId: 'replacePipeline',
        summary: 'Replace a pipeline',
        description: 'The id and the status stay. Fields that the body leaves out take their defaults.',
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
        operationId: 'changePipeline',
        summary: 'Change fields of a pipeline',
        description: 'Applies a JSON merge patch (RFC 7396). If the resulting pipeline is wrong, nothing is changed.',
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
  verb: 'pause' | 'resume' | 'stop' | 'start';
  /** The noun in path and operation. A bot is a pipeline that trades. */
  of: 'pipeline' | 'bot';
  status: PipelineRow['status'];
  done: string;
  summary: string;
  description: string;
}

const pausing: StatusChange = {
  verb: 'pause',
  of: 'pipeline',
  status: 'paused',
  done: 'pipeline paused',
  summary: 'Pause a pipeline',
  description: 'Nothing starts the pipeline until it is resumed. Pausing a paused pipeline changes nothing.',
};
const resuming: StatusChange = {
  verb: 'resume',
  of: 'pipeline',
  status: 'active',
  done: 'pipeline resumed',
  summary: 'Resume a paused pipeline',
  description:
    'Signals from the time of the pause do not start it afterwards. Resuming an active pipeline changes nothing.',
};

const stopping: StatusChange = {
  verb: 'stop',
  of: 'bot',
  status: 'stopped',
  done: 'bot stopped',
  summary: 'Stop a bot',
  description:
    'Nothing starts its pipeline until the bot is started. Its positions stay. Stopping a stopped bot changes nothing.',
};
const starting: StatusChange = {
  verb: 'start',
  of: 'bot',
  status: 'active',
  done: 'bot started',
  summary: 'Start a stopped or paused bot',
  description: 'Signals from before do not start it afterwards. Starting a running bot changes nothing.',
};

function addStatusChange(
  app: Api,
  context: RouteContext,
  { verb, of, status, done, summary, description }: StatusChange,
): void {
  const key = `${of}_id`;
  app.post(
    `/api/v1/${of}s/:${key}/${verb}`,
    {
      config: { action: `${verb}_${of}` as UserAction },
      schema: {
        operationId: `${verb}${of === 'bot' ? 'Bot' : 'Pipeline'}`,
        summary,
        description,
        params: z.object({ [key]: pipelineIdSchema }),
        response: {
          200: checkedPipelineSchema,
          ...problemResponses({ 403: readOnlyText, 404: notFoundText, 409: deletedText }),
        },
      },
    },
    ({ params }) =>
      change(context, params[key] as string, done, (row) => {
        if (of === 'bot' && !row.definition.stages.some(({ agent }) => agent === TRADING_AGENT))
          throw new ApiProblem('not-found', `The pipeline "${row.pipeline_id}" does not trade.`);
        return row.status === status ? {} : { status };
      }),
  );
}

function addDeleting(app: Api, { db, log }: RouteContext): void {
  app.delete(
    '/api/v1/pipelines/:pipeline_id',
    {
      config: { action: 'delete_pipeline' },
      schema: {
        operationId: 'deletePipeline',
        summary: 'Delete a pipeline',
        description:
          'The pipeline never runs again. Its executions, orders and positions stay, and its id stays taken. Deleting it again changes nothing.',
        params,
        response: {
          204: z.undefined().describe('The pipeline is deleted'),
          ...problemResponses({ 403: readOnlyText, 404: notFoundText }),
        },
      },
    },
    async ({ params: { pipeline_id: id } }, reply) => {
      const row = await changePipeline(db, id, (current) => {
        if (current.status === 'deleted') return {};
        checkChangeable(current);
        return { status: 'deleted' };
      });
      expectFound(row, 'pipeline', id);
      log.info({ pipeline_id: id }, 'pipeline deleted');
      return reply.code(204).send();
    },
  );
}

/**
 * Changes a pipeline and returns it as the API shows it, with warnings about what nothing emits.
 * @throws ApiProblem if there is no such pipeline, or if the API must not change it
 */
async function change(
  { db, log, config, emitted }: RouteContext,
  id: string,
  done: string,
  decide: (row: PipelineRow) => PipelineChange,
): Promise<z.output<typeof checkedPipelineSchema>> {
  // Read first: a change that is made must not be answered with an error.
  const known = await emitted.read();
  const row = await changePipeline(
    db,
    id,
    (current) => {
      checkChangeable(current);
      return decide(current);
    },
    config.PIPELINES_MAX_ENTRIES,
  );
  const changed = expectFound(row, 'pipeline', id);
  log.info({ pipeline_id: id }, done);
  return presentChecked(changed, known);
}

/** @throws ApiProblem if the pipeline must not be changed through the API */
function checkChangeable({ pipeline_id: id, status, owner }: PipelineRow): void {
  if (owner === 'cluster') {
    const { namespace, name } = parseDeclaredPipelineId(id);
    const detail = `The pipeline "${id}" is declared by the TradingPipeline ${name} in the namespace ${namespace}.`;
    throw new ApiProblem('declared-by-cluster', detail);
  }
  if (status === 'deleted') throw new ApiProblem('pipeline-deleted', `The pipeline "${id}" is deleted.`);
}
