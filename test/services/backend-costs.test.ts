import { afterAll, beforeAll, expect, it } from 'vitest';
import { definition, type Platform, startPlatform } from './backend-platform.ts';

let platform: Platform;
let executionId = '';
const yesterday = new Date(Date.now() - 86_400_000);

beforeAll(async () => {
  platform = await startPlatform();
  await platform.call('POST /api/v1/pipelines', {
    pipeline_id: 'p',
    name: 'P',
    ...definition,
    budget: { dailyUsd: 1 },
  });
  await platform.call('POST /api/v1/pipelines', { pipeline_id: 'free', name: 'Free', ...definition });
  executionId = await platform.addExecution('p');
  await addCall('p', executionId, { cost_usd: '0.1', input_tokens: 10, output_tokens: 1 });
  await addCall('p', executionId, { cost_usd: '0.2', input_tokens: 20, output_tokens: 2, agent: 'strategy' });
  await addCall('p', executionId, { cost_usd: '9', started_at: yesterday });
  await addCall('p', executionId, { cost_usd: '0.5', status: 'calling', finished_at: null });
  await addCall('free', await platform.addExecution('free'), { cost_usd: '0.05', model: 'dear' });
});
afterAll(() => platform?.stop());

async function addCall(pipelineId: string, id: string, change: object) {
  const names = { execution_id: id, pipeline_id: pipelineId, agent: 'bias', model: 'cheap' } as const;
  const end = { status: 'success', finished_at: new Date() } as const;
  await platform.db
    .insertInto('model_calls')
    .values({ ...names, ...end, cost_usd: '0', ...change })
    .execute();
}

it('sums the exact cost of model calls since midnight UTC, by pipeline, agent, model or day', async () => {
  const { body } = await platform.call('GET /api/v1/cost');
  expect(body).toMatchObject({ cost_usd: '0.85', calls: 4, input_tokens: 30, output_tokens: 3 });
  expect(body.since).toMatch(/T00:00:00.000Z$/);
  const split = async (query: string) =>
    (await platform.call(`GET /api/v1/cost?${query}`)).body.items.map((item: Record<string, unknown>) => [
      item.key,
      item.cost_usd,
    ]);
  expect(body.items.map(({ key }: { key: string }) => key)).toEqual(['p', 'free']);
  expect(await split('by=agent')).toEqual([
    ['bias', '0.65'],
    ['strategy', '0.2'],
  ]);
  expect(await split('by=model&pipeline_id=free')).toEqual([['dear', '0.05']]);
  const days = await split('by=day&since=2020-01-01T00:00:00Z');
  expect(days.map(([, cost]: [string, string]) => cost)).toEqual(['0.85', '9']);
  expect(days[1][0]).toBe(yesterday.toISOString().slice(0, 10));
});

it('shows every model call of an execution', async () => {
  const { body } = await platform.call(`GET /api/v1/executions/${executionId}`);
  expect(body.model_calls).toHaveLength(4);
  expect(body.model_calls[1]).toMatchObject({ agent: 'strategy', model: 'cheap', cost_usd: '0.2', input_tokens: 20 });
  expect(body.model_calls[3]).toMatchObject({ status: 'calling', finished_at: null });
});

it('shows the remaining budget, from which calls in flight are not deducted', async () => {
  const { body } = await platform.call('GET /api/v1/pipelines/p/budget');
  expect(body).toMatchObject({ daily_usd: '1', spent_usd: '0.3', remaining_usd: '0.7' });
  expect(new Date(body.resets_at).getTime()).toBeGreaterThan(Date.now());
  expect((await platform.call('GET /api/v1/pipelines/free/budget')).body).toMatchObject({
    daily_usd: null,
    spent_usd: '0.05',
    remaining_usd: null,
  });
  expect((await platform.call('GET /api/v1/pipelines/nobody/budget')).status).toBe(404);
});
