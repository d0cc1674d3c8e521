import { z } from 'zod';
import { readSettled } from '#platform/model-spending.ts';
import type { ModelCallRow } from '#platform/schema.ts';
import { agentNames } from '#trading/agents/agents.ts';
import { pipelineIdSchema } from '#trading/ids.ts';
import { startOfDay } from '#trading/limits.ts';
import { callStatuses } from '#trading/models/question.ts';
import { Exact, formatMoney, sumOf } from '#trading/money.ts';
import { type CostRow, costKeys, readCosts } from '../../store/model-costs.ts';
import { readPipeline } from '../../store/pipelines.ts';
import { expectFound, problemResponses } from '../errors/api-problem.ts';
import { decimalSchema, timeSchema } from '../fields.ts';
import { parseSince, sinceSchema } from '../page.ts';
import type { Resource } from '../resource.ts';

const DAY_MS = 86_400_000;

const costQuerySchema = z.object({
  by: z.enum(costKeys).default('pipeline').describe('Key to split the sum by'),
  since: sinceSchema.describe('Only calls that began at or after this time, ISO 8601; default: the last midnight UTC'),
  pipeline_id: pipelineIdSchema.optional(),
});

const amounts = {
  calls: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: decimalSchema.describe('Cost of the calls, USD. A call without a known cost counts with its maximum cost'),
};

const costSchema = z
  .object({
    since: timeSchema,
    ...amounts,
    items: z.array(z.object({ key: z.string().describe('The day, pipeline, agent or model'), ...amounts })),
  })
  .meta({ id: 'Cost' });

const budgetSchema = z
  .object({
    pipeline_id: z.string(),
    daily_usd: decimalSchema.nullable().describe('Budget for a day, USD; null if the pipeline has none'),
    spent_usd: decimalSchema.describe('Cost of model calls since midnight UTC, USD'),
    remaining_usd: decimalSchema
      .nullable()
      .describe('Budget left today, USD. At 0 or below, the pipeline does not run again before `resets_at`'),
    resets_at: timeSchema,
  })
  .meta({ id: 'Budget' });

export const modelCallSchema = z
  .object({
    agent: z.enum(agentNames),
    model: z.string(),
    status: z.enum(callStatuses).describe('error: the call failed, and the rule of the agent decided instead'),
    input_tokens: z.int().nullable(),
    output_tokens: z.int().nullable(),
    cost_usd: decimalSchema,
    started_at: timeSchema,
    finished_at: timeSchema.nullable(),
  })
  .meta({ id: 'ModelCall' });

export const costs: Resource = {
  tag: { name: 'cost', description: 'Cost of language models, and the budgets for it' },
  addRoutes(app, { db, now }) {
    app.get(
      '/api/v1/cost',
      {
        schema: {
          operationId: 'readCost',
          summary: 'Read the cost of language models',
          description: 'The sum of all calls, and its parts by day, pipeline, agent or model.',
          querystring: costQuerySchema,
          response: { 200: costSchema, ...problemResponses({ 400: 'A parameter is wrong' }) },
        },
      },
      async ({ query }) => {
        const since = query.since === undefined ? startOfDay(now()) : parseSince(query.since);
        return presentCost(since, await readCosts(db, { ...query, since }));
      },
    );

    app.get(
      '/api/v1/pipelines/:pipeline_id/budget',
      {
        schema: {
          operationId: 'readBudget',
          summary: "Read today's model budget of a pipeline",
          params: z.object({ pipeline_id: pipelineIdSchema }),
          response: { 200: budgetSchema, ...problemResponses({ 404: 'There is no such pipeline' }) },
        },
      },
      async ({ params: { pipeline_id: id } }) => {
        const { definition } = expectFound(await readPipeline(db, id), 'pipeline', id);
        const today = now();
        const spent = (await readSettled(db, [id], today)).get(id) ?? '0';
        return { pipeline_id: id, ...presentBudget(definition.budget?.dailyUsd, spent, today) };
      },
    );
  },
};

function presentBudget(dailyUsd: number | undefined, spentUsd: string, today: Date) {
  return {
    daily_usd: dailyUsd === undefined ? null : formatMoney(dailyUsd),
    spent_usd: formatMoney(spentUsd),
    remaining_usd: dailyUsd === undefined ? null : formatMoney(new Exact(dailyUsd).sub(spentUsd)),
    resets_at: new Date(startOfDay(today).getTime() + DAY_MS).toISOString(),
  };
}

function presentCost(since: Date, rows: readonly CostRow[]): z.output<typeof costSchema> {
  const items = rows.map(({ key, ...row }) => ({ key, ...presentAmounts([row]) }));
  return { since: since.toISOString(), ...presentAmounts(rows), items };
}

function presentAmounts(rows: readonly Omit<CostRow, 'key'>[]) {
  const add = (read: (row: Omit<CostRow, 'key'>) => string | number) => sumOf(rows, read);
  return {
    calls: add((row) => row.calls).toNumber(),
    input_tokens: add((row) => row.input_tokens).toNumber(),
    output_tokens: add((row) => row.output_tokens).toNumber(),
    cost_usd: formatMoney(add((row) => row.cost_usd)),
  };
}

export function presentModelCall(row: ModelCallRow): z.output<typeof modelCallSchema> {
  const { agent, model, status, input_tokens, output_tokens } = row;
  return {
    ...{ agent, model, status, input_tokens, output_tokens },
    cost_usd: formatMoney(row.cost_usd),
    started_at: row.started_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
  };
}
