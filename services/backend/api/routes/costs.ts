import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { readSettled } from '#platform/model-spending.ts';
import type { ModelCallRow } from '#platform/schema.ts';
import { agentNames } from '#trading/agents/agents.ts';
import { formatMoney } from '#trading/ledger/valuation.ts';
import { startOfDay } from '#trading/start-of-day.ts';
import { pipelineIdSchema } from '../../pipelines/pipeline-id.ts';
import { type CostRow, costKeys, readCosts } from '../../store/model-costs.ts';
import { readPipeline } from '../../store/pipelines.ts';
import { expectFound, problemResponses } from '../errors/api-problem.ts';
import { decimalSchema, timeSchema } from '../fields.ts';
import { sinceSchema } from '../page.ts';
import type { Resource } from '../resource.ts';

const DAY_MS = 86_400_000;

const costQuerySchema = z.object({
  by: z.enum(costKeys).default('pipeline').describe('What the sum is split by'),
  since: sinceSchema.describe('Only calls that began at or after this time, ISO 8601; midnight UTC when absent'),
  pipeline_id: pipelineIdSchema.optional(),
});

const amounts = {
  calls: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: decimalSchema.describe('a call that nobody counted stands at the most it can cost'),
};

const costSchema = z
  .object({
    since: timeSchema,
    ...amounts,
    items: z.array(z.object({ key: z.string().describe('the day, pipeline, agent or model'), ...amounts })),
  })
  .meta({ id: 'Cost' });

const budgetSchema = z
  .object({
    pipeline_id: z.string(),
    daily_usd: decimalSchema.nullable().describe('null: it has no budget'),
    spent_usd: decimalSchema.describe('since midnight UTC'),
    remaining_usd: decimalSchema.nullable().describe('at 0 or below it runs no more today'),
    resets_at: timeSchema,
  })
  .meta({ id: 'Budget' });

export const modelCallSchema = z
  .object({
    agent: z.enum(agentNames),
    model: z.string(),
    status: z.enum(['calling', 'success', 'error']).describe('error: the rule of the agent decided'),
    input_tokens: z.int().nullable(),
    output_tokens: z.int().nullable(),
    cost_usd: decimalSchema,
    started_at: timeSchema,
    finished_at: timeSchema.nullable(),
  })
  .meta({ id: 'ModelCall' });

export const costs: Resource = {
  tag: { name: 'cost', description: 'What language models cost, and what is left of budgets' },
  addRoutes(app, { db, now }) {
    app.get(
      '/api/v1/cost',
      {
        schema: {
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
          operationId: 'readBudget',
          summary: "Read what is left of a pipeline's model budget today",
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
    remaining_usd: dailyUsd === undefined ? null : formatMoney(new Decimal(dailyUsd).sub(spentUsd)),
    resets_at: new Date(startOfDay(today).getTime() + DAY_MS).toISOString(),
  };
}

function presentCost(since: Date, rows: readonly CostRow[]): z.output<typeof costSchema> {
  const items = rows.map(({ key, ...row }) => ({ key, ...presentAmounts([row]) }));
  return { since: since.toISOString(), ...presentAmounts(rows), items };
}

function presentAmounts(rows: readonly Omit<CostRow, 'key'>[]) {
  const add = (read: (row: Omit<CostRow, 'key'>) => string | number) => Decimal.sum(0, ...rows.map(read));
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
