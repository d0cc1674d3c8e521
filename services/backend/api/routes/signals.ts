import { readSignal, readSignals } from '../../store/signals.ts';
import type { Api } from '../api-instance.ts';
import { notFound } from '../errors/api-problem.ts';
import { buildPage, problemResponses } from '../fields.ts';
import type { RouteContext } from '../resource.ts';
import {
  presentSignal,
  signalListQuerySchema,
  signalPageSchema,
  signalParamsSchema,
  signalResponseSchema,
} from '../schemas/signals.ts';
import { parsePageRequest } from './page-request.ts';

const tags = ['signals'];

export function addSignalRoutes(app: Api, { db }: RouteContext): void {
  app.get(
    '/api/v1/signals',
    {
      schema: {
        tags,
        operationId: 'listSignals',
        summary: 'List signals',
        description: 'Newest first, as the dispatcher stored them.',
        querystring: signalListQuerySchema,
        response: { 200: signalPageSchema, ...problemResponses({ 400: 'A parameter is wrong' }) },
      },
    },
    async ({ query }) => {
      const rows = await readSignals(db, parsePageRequest(query), query);
      return buildPage(rows, query.limit, presentSignal, (row) => ({ time: row.cursor_time, id: row.signal_id }));
    },
  );

  app.get(
    '/api/v1/signals/:signal_id',
    {
      schema: {
        tags,
        operationId: 'readSignal',
        summary: 'Read a signal',
        description: 'The executions it started: /api/v1/executions?signal_id=….',
        params: signalParamsSchema,
        response: { 200: signalResponseSchema, ...problemResponses({ 404: 'There is no such signal' }) },
      },
    },
    async ({ params }) => {
      const row = await readSignal(db, params.signal_id);
      if (!row) throw notFound('signal', params.signal_id);
      return presentSignal(row);
    },
  );
}
