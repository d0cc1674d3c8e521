import { Decimal } from 'decimal.js';
import { readSettled } from '#platform/model-spending.ts';
import { formatMoney } from '#trading/ledger/valuation.ts';
import { startOfDay } from '#trading/start-of-day.ts';
import { readCosts } from '../../store/model-costs.ts';
import { readPipeline } from '../../store/pipelines.ts';
import type { Api } from '../api-instance.ts';
import { notFound } from '../errors/api-problem.ts';
import { problemResponses } from '../fields.ts';
import type { RouteContext } from '../resource.ts';
import { budgetSchema, costQuerySchema, costSchema, presentCost } from '../schemas/costs.ts';
import { pipelineParamsSchema } from '../schemas/pipelines.ts';

const tags = ['cost'];
const DAY_MS = 86_400_000;

export function addCostRoutes(app: Api, { db, now }: RouteContext): void {
  app.get(
    '/api/v1/cost',
    {
      schema: {
        tags,
        operationId: 'readCost',
        summary: 'Read what language models cost',
        description: 'The sum, split by day, pipeline, agent or model.',
        querystring: costQuerySchema,
        response: { 200: costSchema, ...problemResponses({ 400: 'A parameter is wrong' }) },
      },
    },
    async ({ query }) => {
      const since = query.since === undefined ? startOfDay(now()) : new Date(query.since);
      return presentCost(since, await readCosts(db, { ...query, since }));
    },
  );

  app.get(
    '/api/v1/pipelines/:pipeline_id/budget',
    {
      schema: {
        tags,
        operationId: 'readBudget',
        summary: "Read what is left of a pipeline's model budget today",
        params: pipelineParamsSchema,
        response: { 200: budgetSchema, ...problemResponses({ 404: 'There is no such pipeline' }) },
      },
    },
    async ({ params: { pipeline_id } }) => {
      const pipeline = await readPipeline(db, pipeline_id);
      if (!pipeline) throw notFound('pipeline', pipeline_id);
      const today = now();
      const spent = new Decimal((await readSettled(db, [pipeline_id], today)).get(pipeline_id) ?? 0);
      const daily = pipeline.definition.budget?.dailyUsd;
      return {
        pipeline_id,
        daily_usd: daily === undefined ? null : formatMoney(daily),
        spent_usd: formatMoney(spent),
        remaining_usd: daily === undefined ? null : formatMoney(new Decimal(daily).sub(spent)),
        resets_at: new Date(startOfDay(today).getTime() + DAY_MS).toISOString(),
      };
    },
  );
}
