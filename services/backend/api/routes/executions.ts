import { readExecution, readExecutions } from '../../store/executions.ts';
import type { Api } from '../api-instance.ts';
import { notFound } from '../errors/api-problem.ts';
import { buildPage, problemResponses } from '../fields.ts';
import type { RouteContext } from '../resource.ts';
import {
  executionDetailSchema,
  executionListQuerySchema,
  executionPageSchema,
  executionParamsSchema,
  presentExecution,
  presentExecutionDetail,
} from '../schemas/executions.ts';
import { parsePageRequest } from './page-request.ts';

const tags = ['executions'];

export function addExecutionRoutes(app: Api, { db }: RouteContext): void {
  app.get(
    '/api/v1/executions',
    {
      schema: {
        tags,
        operationId: 'listExecutions',
        summary: 'List executions',
        description: 'Newest first.',
        querystring: executionListQuerySchema,
        response: { 200: executionPageSchema, ...problemResponses({ 400: 'A parameter is wrong' }) },
      },
    },
    async ({ query }) => {
      const rows = await readExecutions(db, parsePageRequest(query), query);
      return buildPage(rows, query.limit, presentExecution, (row) => ({ time: row.cursor_time, id: row.execution_id }));
    },
  );

  app.get(
    '/api/v1/executions/:execution_id',
    {
      schema: {
        tags,
        operationId: 'readExecution',
        summary: 'Read an execution',
        description: 'With the result of each stage that has ended, and the orders it placed.',
        params: executionParamsSchema,
        response: { 200: executionDetailSchema, ...problemResponses({ 404: 'There is no such execution' }) },
      },
    },
    async ({ params }) => {
      const detail = await readExecution(db, params.execution_id);
      if (!detail) throw notFound('execution', params.execution_id);
      return presentExecutionDetail(detail);
    },
  );
}
