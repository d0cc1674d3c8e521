import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { ModelCallRow } from '#platform/schema.ts';
import { agentNames } from '#trading/agents/agents.ts';
import { formatMoney } from '#trading/ledger/valuation.ts';
import { pipelineIdSchema } from '../../pipelines/pipeline-id.ts';
import { type CostRow, costKeys } from '../../store/model-costs.ts';
import { decimalSchema, sinceSchema, timeSchema } from '../fields.ts';

export const costQuerySchema = z.object({
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

export const costSchema = z
  .object({
    since: timeSchema,
    ...amounts,
    items: z.array(z.object({ key: z.string().describe('the day, pipeline, agent or model'), ...amounts })),
  })
  .meta({ id: 'Cost' });

export const budgetSchema = z
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

export function presentCost(since: Date, rows: readonly CostRow[]): z.output<typeof costSchema> {
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
