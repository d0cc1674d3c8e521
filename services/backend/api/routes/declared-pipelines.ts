import { z } from 'zod';
import {
  DECLARED_PIPELINES_PATH,
  declaredPipelineSchema,
  EMITTED_PATH,
  parseDeclaredPipelineId,
  pipelineDeclarationSchema,
} from '#catalogue/declared-pipelines.ts';
import { pipelineIdSchema } from '#trading/ids.ts';
import { emittedSchema } from '#trading/signals/emitted.ts';
import { type DeclaredRow, declarePipeline, readDeclared, withdrawPipeline } from '../../store/declared-pipelines.ts';
import { OPERATOR_TOKEN } from '../document.ts';
import { ApiProblem, problemResponses } from '../errors/api-problem.ts';
import { createTokenCheck } from '../requests/bearer-token.ts';
import type { Api, Resource, RouteContext } from '../resource.ts';
import { noRoomText } from './pipelines.ts';

const params = z.object({
  pipeline_id: pipelineIdSchema.regex(/^[^.]+\../, 'must be <namespace>.<name> of the TradingPipeline'),
});
const security = [{ [OPERATOR_TOKEN]: [] }];
const refused = { 401: 'The token is missing or wrong', 403: 'PIPELINES_API_TOKEN of the backend is not set' };
const ofUserText = 'The id belongs to a pipeline of a user of this API, from a version whose users could choose it';

/**
 * Routes by which the operator declares pipelines. Users read these pipelines at /api/v1/pipelines, but cannot change
 * them.
 */
export const declaredPipelines: Resource = {
  tag: { name: 'cluster', description: 'Pipelines that TradingPipelines declare. Only the operator uses these routes' },
  addRoutes(app, context) {
    app.addHook('onRequest', createTokenCheck(context.config.PIPELINES_API_TOKEN));
    addListing(app, context);
    addEmitted(app, context);
    addDeclaring(app, context);
    addWithdrawing(app, context);
  },
};

function addListing(app: Api, { db }: RouteContext): void {
  app.get(
    DECLARED_PIPELINES_PATH,
    {
      schema: {
        security,
        operationId: 'listDeclaredPipelines',
        summary: 'List the declared pipelines',
        description: 'All of them in one answer, sorted by id, each with the figures of its executions.',
        response: {
          200: z.object({ items: z.array(declaredPipelineSchema) }).meta({ id: 'DeclaredPipelineList' }),
          ...problemResponses(refused),
        },
      },
    },
    async () => ({ items: (await readDeclared(db)).map(presentDeclared) }),
  );
}

function addEmitted(app: Api, { emitted }: RouteContext): void {
  app.get(
    EMITTED_PATH,
    {
      schema: {
        security,
        operationId: 'listEmitted',
        summary: 'List what the platform emits',
        description: 'The series of bars and signals that the platform has seen, or that a generator declares.',
        response: { 200: emittedSchema, ...problemResponses(refused) },
      },
    },
    () => emitted.read(),
  );
}

function addDeclaring(app: Api, { db, log, config }: RouteContext): void {
  app.put(
    `${DECLARED_PIPELINES_PATH}/:pipeline_id`,
    {
      schema: {
        security,
        operationId: 'declarePipeline',
        summary: 'Declare a pipeline',
        description:
          'Creates the pipeline, changes it to match the declaration, or restores it after a withdrawal. Declaring the same again changes nothing.',
        params,
        body: pipelineDeclarationSchema,
        response: {
          204: z.undefined().describe('The pipeline matches the declaration'),
          ...problemResponses({
            ...refused,
            400: 'The declaration is wrong; `errors` names each field',
            409: ofUserText,
            422: noRoomText,
          }),
        },
      },
    },
    async ({ params: { pipeline_id: id }, body }, reply) => {
      const { namespace, name } = parseDeclaredPipelineId(id);
      const declared = { pipelineId: id, name: `${namespace}/${name}`, declaration: body };
      const outcome = await declarePipeline(db, declared, config.PIPELINES_MAX_ENTRIES);
      if (outcome === 'of-user') throw pipelineOfUser(id);
      if (outcome === 'written') log.info({ pipeline_id: id }, 'pipeline declared');
      return reply.code(204).send();
    },
  );
}

function addWithdrawing(app: Api, { db, log }: RouteContext): void {
  app.delete(
    `${DECLARED_PIPELINES_PATH}/:pipeline_id`,
    {
      schema: {
        security,
        operationId: 'withdrawPipeline',
        summary: 'Withdraw a declared pipeline',
        description:
          'The pipeline does not run again until it is declared again. Its history stays. Withdrawing it again changes nothing.',
        params,
        response: {
          204: z.undefined().describe('The pipeline is withdrawn'),
          ...problemResponses({ ...refused, 404: 'There is no such pipeline', 409: ofUserText }),
        },
      },
    },
    async ({ params: { pipeline_id: id } }, reply) => {
      const outcome = await withdrawPipeline(db, id);
      if (outcome === 'not-found') throw new ApiProblem('not-found', `There is no pipeline "${id}".`);
      if (outcome === 'of-user') throw pipelineOfUser(id);
      if (outcome === 'written') log.info({ pipeline_id: id }, 'pipeline withdrawn');
      return reply.code(204).send();
    },
  );
}

function pipelineOfUser(id: string): ApiProblem {
  return new ApiProblem(
    'pipeline-of-user',
    `A user of this API created the pipeline "${id}", so a TradingPipeline cannot declare it until the pipeline is deleted.`,
  );
}

function presentDeclared(row: DeclaredRow): z.output<typeof declaredPipelineSchema> {
  const { pipeline_id, definition, status, total, failed, last } = row;
  return {
    pipeline_id,
    declaration: { ...definition, paused: status === 'paused' },
    executions: { total, failed, last: last?.toISOString() ?? null },
  };
}
