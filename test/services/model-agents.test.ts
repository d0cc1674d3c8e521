import { sql } from 'kysely';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { ChatRequest, FakeModelApi, OwnAnswer } from '#local/fakes/model-api-server.ts';
import { complete, startFakeModelApi } from '#local/fakes/model-api-server.ts';
import { Exact } from '#trading/money.ts';
import { workerConfigSchema } from '../../services/celery-worker/config.ts';
import { reserveCall } from '../../services/celery-worker/model/model-ledger.ts';
import { eventually } from '../support/eventually.ts';
import { openStore } from './backend-platform.ts';
import { type Platform, startPlatform } from './celery-worker-platform.ts';

/** Tests agents that call a model, with a test server in place of the model's API, and budgets, with a real Postgres. */
let redis = '';
let api: FakeModelApi;
let platform: Platform;
let asked: ChatRequest[];
let authorization: string | undefined;
let instead: (request: ChatRequest) => OwnAnswer | undefined;

/** A price of one USD per token, so that costs in USD equal numbers of tokens. */
const price = { MODEL_INPUT_USD_PER_MILLION: '1000000', MODEL_OUTPUT_USD_PER_MILLION: '1000000' };

beforeAll(() => {
  redis = inject('redisUrl');
});
beforeEach(async () => {
  asked = [];
  instead = () => undefined;
  api = await startFakeModelApi({
    port: 0,
    instead: (request, headers) => {
      asked.push(request);
      authorization = headers.authorization;
      return instead(request);
    },
  });
});
afterEach(async () => {
  await platform?.stop();
  await api?.stop();
});

function modelConfig(change: Record<string, string> = {}) {
  const variables = { MODEL_API_URL: api.url, MODEL_NAME: 'm', MODEL_AGENTS: 'bias,strategy', ...price, ...change };
  return workerConfigSchema.partial({ DATABASE_URL: true, REDIS_URL: true }).parse(variables);
}

async function start(change: Record<string, string> = {}, options: { idle?: boolean; clock?: () => Date } = {}) {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...config } = modelConfig(change);
  platform = await startPlatform({ redisUrl: `${redis}/8`, config, ...options });
  await platform.addBars('GOOG');
  return platform;
}

async function readCalls() {
  return platform.db.selectFrom('model_calls').selectAll().orderBy('call_id').execute();
}

const usage = { prompt_tokens: 70, completion_tokens: 30, total_tokens: 100 };
/** Returns a response of the model that contradicts the decision of the agent's rule. */
const contrary = (request: ChatRequest): OwnAnswer => {
  const completion = complete(request);
  const content = JSON.stringify(
    JSON.stringify(request.response_format).includes('direction')
      ? { direction: 'NEUTRAL', strength: 1, reasoning: 'I see nothing' }
      : { action: 'WAIT', confidence: 2, reasoning: 'so I wait' },
  );
  return { body: { ...completion, usage, choices: [{ index: 0, message: { content }, finish_reason: 'stop' }] } };
};

describe('an agent that calls a model', () => {
  it('decides as the model responds, and the cost is recorded in the call, the stage, the execution and the metrics', async () => {
    await start({ MODEL_API_KEY: 'k1' });
    instead = contrary;
    await platform.addPipeline('p');
    const execution = await platform.run('p');
    expect(execution).toMatchObject({ status: 'success', cost_usd: '200' });
    expect(authorization).toBe('Bearer k1');
    expect((await platform.readStages(execution.execution_id)).slice(1, 3)).toMatchObject([
      { agent: 'bias', cost_usd: '100', result: { direction: 'NEUTRAL', strength: 1, decided_by: 'model' } },
      { agent: 'strategy', cost_usd: '100', result: { action: 'WAIT', reasoning: 'so I wait', decided_by: 'model' } },
    ]);
    expect(await platform.readOrders(execution.execution_id)).toEqual([]);
    const call = { execution_id: execution.execution_id, pipeline_id: 'p', model: 'm', status: 'success' };
    expect(await readCalls()).toMatchObject([
      { ...call, agent: 'bias', input_tokens: 70, output_tokens: 30, cost_usd: '100' },
      { ...call, agent: 'strategy', input_tokens: 70, output_tokens: 30, cost_usd: '100' },
    ]);
    expect(await platform.metric('llm_calls_total', { agent: 'bias', status: 'success', model: 'm' })).toBe(1);
    expect(await platform.metric('llm_tokens_total', { kind: 'input' })).toBe(140);
    expect(await platform.metric('llm_tokens_total', { kind: 'output' })).toBe(60);
    expect(await platform.metric('llm_cost_usd_total')).toBe(200);
    await expect.poll(() => platform.metric('pipeline_execution_cost_usd_sum', { pipeline_id: 'p' })).toBe(200);
  });

  it('sends the model the market and the strategy, but not the pipeline that they belong to', async () => {
    await start();
    await platform.addPipeline('of-alice');
    const execution = await platform.run('of-alice');
    expect(asked).toHaveLength(2);
    const [bias, strategy] = asked.map(({ messages }) => JSON.parse(messages[1]?.content ?? ''));
    expect(bias).toMatchObject({ ticker: 'GOOG', timeframe: '1d', rule: { direction: 'BULLISH' } });
    expect(bias.closes).toHaveLength(30);
    expect(strategy).toMatchObject({ signal: { type: 'rsi', direction: 'BULLISH' }, bias: { direction: 'BULLISH' } });
    expect(JSON.stringify(asked)).not.toMatch(new RegExp(`of-alice|${execution.execution_id}`));
    expect(asked[0]).toMatchObject({ model: 'm', max_completion_tokens: 1_000 });
    expect(execution.status).toBe('success');
  });

  it('calls the model only for the agents in MODEL_AGENTS, with the configured limit', async () => {
    await start({ MODEL_AGENTS: 'strategy', MODEL_LIMIT_FIELD: 'max_tokens', MODEL_MAX_OUTPUT_TOKENS: '77' });
    await platform.addPipeline('p');
    await platform.run('p');
    expect(asked).toMatchObject([{ max_tokens: 77, response_format: { json_schema: { name: 'strategy' } } }]);
  });
});

describe('a model that returns no usable response', () => {
  const byRule = { direction: 'BULLISH', decided_by: 'rule' };
  async function biasOf(change: Record<string, string> = {}) {
    await start({ MODEL_AGENTS: 'bias', MODEL_TIMEOUT_MS: '1500', ...change });
    await platform.addPipeline('p');
    const { execution_id, status } = await platform.run('p');
    expect(status).toBe('success');
    expect(await platform.readOrders(execution_id)).toHaveLength(1);
    return (await platform.readStages(execution_id))[1];
  }

  it('is called again after a 429, not before Retry-After; then its response decides', async () => {
    instead = () => (asked.length === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: '{}' } : undefined);
    const began = performance.now();
    expect(await biasOf({ MODEL_TIMEOUT_MS: '20000' })).toMatchObject({ result: { decided_by: 'model' } });
    expect(performance.now() - began).toBeGreaterThan(1_000);
    expect(asked).toHaveLength(2);
    expect(await platform.metric('llm_calls_total', { status: 'error' })).toBe(1);
    expect(await platform.metric('llm_calls_total', { status: 'success' })).toBe(1);
  });

  it('is not called again if Retry-After is beyond the timeout; the rule decides, at no cost', async () => {
    instead = () => ({ status: 503, headers: { 'retry-after': '3600' }, body: '{}' });
    const stage = await biasOf();
    expect(asked).toHaveLength(1);
    expect(stage).toMatchObject({ cost_usd: '0', result: byRule });
    expect(stage?.result.reasoning).toContain('by the rule: the model gave no answer: the API answered 503');
    expect(await readCalls()).toMatchObject([{ status: 'error', cost_usd: '0', input_tokens: null }]);
  });

  it('is not called again after a 401, and costs nothing', async () => {
    instead = () => ({ status: 401, body: { error: { message: 'no such key' } } });
    expect(await biasOf()).toMatchObject({ cost_usd: '0', result: byRule });
    expect(asked).toHaveLength(1);
    expect(await platform.metric('llm_calls_total', { status: 'error' })).toBe(1);
  });

  it('is called three times if its API cannot be reached; the rule decides, at no cost', async () => {
    await api.stop();
    expect(await biasOf()).toMatchObject({ cost_usd: '0', result: byRule });
    expect(await platform.metric('llm_calls_total', { status: 'error' })).toBe(3);
  });

  it('counts at the maximum cost of a call if the response comes too late, because the call may be billed', async () => {
    instead = () => ({ delayMs: 10_000 });
    const stage = await biasOf({ MODEL_TIMEOUT_MS: '300', MODEL_MAX_OUTPUT_TOKENS: '50' });
    const bytes = Buffer.byteLength(JSON.stringify(asked[0]));
    expect(stage).toMatchObject({ cost_usd: String(bytes + 50), result: byRule });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['of the wrong form', { direction: 'UP' }, 'direction'],
    ['out of range', { direction: 'BULLISH', strength: 101, reasoning: 'x' }, 'strength'],
    ['that is not JSON', 'I think it rises', 'not JSON'],
  ])('is paid for an answer %s, and the rule decides', async (_, answer, complaint) => {
    instead = (request) => {
      const content = typeof answer === 'string' ? answer : JSON.stringify(answer);
      const choices = [{ index: 0, message: { content }, finish_reason: 'stop' }];
      return { body: { ...complete(request), usage, choices } };
    };
    const stage = await biasOf();
    expect(stage).toMatchObject({ cost_usd: '100', result: byRule });
    expect(stage?.result.reasoning).toContain(complaint);
    expect(await platform.metric('llm_calls_total', { status: 'error' })).toBe(1);
    expect(await platform.metric('llm_calls_total', { status: 'success' })).toBe(0);
  });
});

describe('a budget', () => {
  /** Settings with which the maximum cost of a call is far above its real cost. */
  const cheap = { MODEL_AGENTS: 'bias', MODEL_MAX_OUTPUT_TOKENS: '50' };

  it('stops the pipeline when the budget is spent: between two stages of an execution, and before the next execution', async () => {
    await start({ ...cheap, MODEL_AGENTS: 'bias,strategy' });
    instead = contrary;
    await platform.addPipeline('p', { budget: { dailyUsd: 100 } });
    const first = await platform.run('p');
    expect(first).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^BUDGET_EXHAUSTED: .*100 of 100 USD/),
      cost_usd: '100',
    });
    expect((await platform.readStages(first.execution_id)).map(({ agent }) => agent)).toEqual(['market-data', 'bias']);
    const second = await platform.run('p');
    expect(second).toMatchObject({ status: 'skipped', reason: expect.stringMatching(/^BUDGET_EXHAUSTED: /) });
    expect(await platform.readStages(second.execution_id)).toEqual([]);
    expect(asked).toHaveLength(1);
    const left = () => platform.metric('pipeline_budget_remaining_usd', { pipeline_id: 'p' });
    await eventually(async () => expect(await left()).toBe(0));
    expect(await platform.metric('pipeline_executions_total', { pipeline_id: 'p', status: 'failed' })).toBe(0);
  });

  it('lets the pipeline run again at once when the budget is raised', async () => {
    await start(cheap);
    await platform.addPipeline('p', { budget: { dailyUsd: 1 } });
    await platform.run('p');
    expect(await platform.run('p')).toMatchObject({ status: 'skipped' });
    const raised = { trigger: { mode: 'manual' }, tickers: ['GOOG'], budget: { dailyUsd: 1_000_000 } };
    await platform.db
      .updateTable('pipelines')
      .set({ definition: JSON.stringify(raised) })
      .execute();
    expect(await platform.run('p')).toMatchObject({ status: 'success' });
  });

  it('starts again at midnight UTC', async () => {
    let now = new Date('2026-03-01T23:59:50Z');
    await start(cheap, { clock: () => now });
    await platform.addPipeline('p', { budget: { dailyUsd: 1 } });
    const signal = { ageSeconds: (Date.now() - now.getTime()) / 1_000 };
    await platform.run('p', signal);
    expect(await platform.run('p', signal)).toMatchObject({ status: 'skipped' });
    now = new Date('2026-03-02T00:00:00Z');
    expect(await platform.run('p', signal)).toMatchObject({ status: 'success' });
  });

  it('is overrun by less than one call by two workers with ten executions each at once', async () => {
    await start({ ...cheap, WORKER_CONCURRENCY: '10' });
    platform.start();
    instead = (request) => ({ ...contrary(request), delayMs: 50 });
    const tickers = Array.from({ length: 40 }, (_, index) => `T${index}`);
    for (const ticker of tickers) await platform.addBars(ticker, { count: 40 });
    const daily = 1_000;
    await platform.addPipeline('p', { tickers, budget: { dailyUsd: daily } });
    const ids = await Promise.all(tickers.map((ticker) => platform.addExecution('p', {}, ticker)));
    await platform.enqueue(...ids);
    const ends = await Promise.all(ids.map((id) => platform.ended(id, 60_000)));
    const calls = await readCalls();
    const spent = calls.reduce((sum, { cost_usd }) => sum + Number(cost_usd), 0);
    expect(calls.every(({ status }) => status === 'success')).toBe(true);
    expect(spent).toBeLessThan(daily + 100);
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['success', 'skipped']));
    expect(ends.filter(({ status }) => status === 'success')).toHaveLength(calls.length);
  });

  it('admits one of twenty calls that two workers reserve at the same moment, if there is room for one', async () => {
    await start(cheap, { idle: true });
    const tickers = Array.from({ length: 20 }, (_, index) => `T${index}`);
    await platform.addPipeline('p', { tickers, budget: { dailyUsd: 1 } });
    const ids = await Promise.all(tickers.map((ticker) => platform.addExecution('p', {}, ticker)));
    const stores = [1, 2].map(() => openStore(platform.databaseUrl, 10));
    // Open all connections first, so that the reservations really are concurrent.
    await Promise.all(ids.map((_, index) => sql`select pg_sleep(0.1)`.execute(stores[index % 2]!.db)));
    const call = { pipelineId: 'p', agent: 'bias', model: 'm', maxUsd: new Exact(1) } as const;
    const reservations = ids.map((executionId, index) =>
      reserveCall(stores[index % 2]!.db, { ...call, executionId }, new Date()),
    );
    const results = await Promise.allSettled(reservations);
    await Promise.all(stores.map((store) => store.close()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason.name).toBe('BudgetExhausted');
    expect(await readCalls()).toHaveLength(1);
  });

  it('counts a call whose worker died at its maximum cost', async () => {
    await start(cheap);
    await platform.addPipeline('p', { budget: { dailyUsd: 10 } });
    const lost = await platform.addExecution('p', {}, 'LOST');
    const call = { execution_id: lost, pipeline_id: 'p', agent: 'bias', model: 'm', cost_usd: '10' } as const;
    await platform.db
      .insertInto('model_calls')
      .values({ ...call, started_at: new Date() })
      .execute();
    expect(await platform.run('p')).toMatchObject({ status: 'skipped' });
  });
});
