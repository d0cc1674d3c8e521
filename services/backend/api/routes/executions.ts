import { z } from 'zod';
import type { ExecutionRow } from '#platform/schema.ts';
import { agentNames } from '#trading/agents/agents.ts';
import { executionStatuses, stageStatuses, triggerModes } from '#trading/executions/execution.ts';
import { pipelineIdSchema, recordIdSchema } from '#trading/ids.ts';
import { tickerSchema } from '#trading/market/bar.ts';
import { formatMoney } from '#trading/money.ts';
import { type ExecutionDetail, readExecution, readExecutions } from '../../store/executions.ts';
import { expectFound, problemResponses } from '../errors/api-problem.ts';
import { decimalSchema, timeSchema } from '../fields.ts';
import { pageQueryShape, pageSchema, parseListRequest, presentPage, sinceSchema } from '../page.ts';
import type { Resource } from '../resource.ts';
import { modelCallSchema, presentModelCall } from './costs.ts';
import { orderSchema, presentOrder } from './orders.ts';

const executionSchema = z
  .object({
    execution_id: z.string(),
    pipeline_id: z.string(),
    ticker: z.string(),
    signal_id: z.string().nullable().describe('The signal that started the execution; null if no signal did'),
    trigger_mode: z.enum(triggerModes),
    due_at: timeSchema.nullable().describe('The due time of the schedule that started it; null if no schedule did'),
    status: z.enum(executionStatuses),
    reason: z.string().nullable().describe('Why the execution failed or was skipped; null otherwise'),
    cost_usd: decimalSchema.describe('Cost of its model calls, USD'),
    created_at: timeSchema,
    started_at: timeSchema.nullable(),
    finished_at: timeSchema.nullable(),
  })
  .meta({ id: 'Execution' });

const stageSchema = z
  .object({
    position: z.int(),
    agent: z.enum(agentNames),
    status: z.enum(stageStatuses),
    result: z.record(z.string(), z.unknown()).describe('Result of the agent, with its reasoning'),
    duration_seconds: z.number(),
    cost_usd: decimalSchema,
    finished_at: timeSchema,
  })
  .meta({ id: 'ExecutionStage' });

const executionDetailSchema = executionSchema
  .extend({
    stages: z.array(stageSchema),
    orders: z.array(orderSchema),
    model_calls: z.array(modelCallSchema).describe('Calls of language models by its agents'),
  })
  .meta({ id: 'ExecutionDetail' });

const executionListQuerySchema = z.object({
  ...pageQueryShape,
  pipeline_id: pipelineIdSchema.optional(),
  status: z.enum(executionStatuses).optional(),
  ticker: tickerSchema.optional(),
  signal_id: recordIdSchema.optional(),
  since: sinceSchema,
});

export const executions: Resource = {
  tag: { name: 'executions', description: 'Runs of pipelines, with their stages' },
  addRoutes(app, { db }) {
    app.get(
      '/api/v1/executions',
      {
        schema: {
          operationId: 'listExecutions',
          summary: 'List executions',
          description: 'Newest first.',
          querystring: executionListQuerySchema,
          response: {
            200: pageSchema(executionSchema, 'ExecutionPage'),
            ...problemResponses({ 400: 'A parameter is wrong' }),
          },
        },
      },
      async ({ query }) => presentPage(await readExecutions(db, parseListRequest(query)), presentExecution),
    );

    app.get(
      '/api/v1/executions/:execution_id',
      {
        schema: {
          operationId: 'readExecution',
          summary: 'Read an execution',
          description:
            'The answer includes the stages that have ended, the orders, and the model calls of the execution.',
          params: z.object({ execution_id: recordIdSchema }),
          response: { 200: executionDetailSchema, ...problemResponses({ 404: 'There is no such execution' }) },
        },
      },
      async ({ params: { execution_id: id } }) =>
        presentExecutionDetail(expectFound(await readExecution(db, id), 'execution', id)),
    );
  },
};

export function presentExecution(row: ExecutionRow): z.output<typeof executionSchema> {
  return {
    execution_id: row.execution_id,
    pipeline_id: row.pipeline_id,
    ticker: row.ticker,
    signal_id: row.signal_id,
    trigger_mode: row.trigger_mode,
    due_at: row.due_at?.toISOString() ?? null,
    status: row.status,
    reason: row.reason,
    cost_usd: formatMoney(row.cost_usd),
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
  };
}

function presentExecutionDetail({
  execution,
  stages,
  orders,
  modelCalls,
}: ExecutionDetail): z.output<typeof executionDetailSchema> {
  return {
    ...presentExecution(execution),
    stages: stages.map((stage) => ({
      position: stage.position,
      agent: stage.agent,
      status: stage.status,
      result: stage.result,
      duration_seconds: stage.duration_seconds,
      cost_usd: formatMoney(stage.cost_usd),
      finished_at: stage.finished_at.toISOString(),
    })),
    orders: orders.map(presentOrder),
    model_calls: modelCalls.map(presentModelCall),
  };
}
