import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { timeframes } from '#trading/market/bar.ts';
import { countEntries, DEFAULT_MAX_ENTRIES } from '#trading/matching/index-entries.ts';
import { signalTypeNames } from '#trading/signals/signal-types.gen.ts';
import { eventually } from '../support/eventually.ts';
import { startKafka, type TestKafka } from '../support/start-kafka.ts';
import { definition, type Platform, startPlatform } from './backend-platform.ts';
import { type ServiceProcess, startService } from './service-process.ts';

const signals = signalTypeNames
  .flatMap((type) => [undefined, ...timeframes].map((timeframe) => ({ type, ...(timeframe && { timeframe }) })))
  .slice(0, 50);
/** A pipeline with as many tickers and signals as the schema allows: a body of 15 kB. */
const largest = (number: number) => ({
  ...definition,
  trigger: { mode: 'signal', signals },
  tickers: Array.from({ length: 1_000 }, (_, index) => `T${number}-${index}`),
});
const small = { ...definition, tickers: ['GOOG'] };
const smallEntries = countEntries({ tickers: [1], signals: [1] });
const MEBIBYTE = 1_048_576;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function platformWith(env: Record<string, string> = {}): Promise<Platform> {
  const platform = await startPlatform(env);
  stops.push(() => platform.stop());
  return platform;
}

const create = async ({ call }: Platform, pipeline: object, pipeline_id?: string) =>
  (await call('POST /api/v1/pipelines', { name: 'N', ...pipeline, ...(pipeline_id && { pipeline_id }) })).status;

describe('the API', () => {
  it('refuses pipelines for which the dispatcher has no room, until another one is deleted', async () => {
    const token = 'a-token-of-the-test-0123456789';
    const env = { PIPELINES_MAX_ENTRIES: String(2 * smallEntries), PIPELINES_API_TOKEN: token };
    const platform = await platformWith(env);
    const { call } = platform;
    expect([await create(platform, small, 'one'), await create(platform, small, 'two')]).toEqual([201, 201]);
    const refused = await call('POST /api/v1/pipelines', { name: 'N', ...small, pipeline_id: 'three' });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      type: '/api/v1/problems/no-room',
      detail: `The pipeline takes ${smallEntries} entries in the index of pipelines, of which 0 of ${2 * smallEntries} are free.`,
      remedy: expect.stringContaining('PIPELINES_MAX_ENTRIES'),
    });
    expect((await call('GET /api/v1/pipelines/three')).status).toBe(404);
    expect((await call('PATCH /api/v1/pipelines/one', { tickers: ['GOOG', 'EURUSD'] })).status).toBe(422);
    expect((await call('PATCH /api/v1/pipelines/one', { tickers: ['EURUSD'] })).status).toBe(200);
    const declare = () =>
      call('PUT /api/v1/cluster/pipelines/desk.x', { ...small, paused: false }, { authorization: `Bearer ${token}` });
    expect((await declare()).status).toBe(422);
    await call('POST /api/v1/pipelines/one/pause');
    expect((await declare()).status).toBe(422);
    await call('DELETE /api/v1/pipelines/one');
    expect((await declare()).status).toBe(204);
    expect(await create(platform, small)).toBe(422);
  });

  it('holds the limit against twenty requests at once', async () => {
    const platform = await platformWith({ PIPELINES_MAX_ENTRIES: String(5 * smallEntries) });
    const statuses = await Promise.all(Array.from({ length: 20 }, () => create(platform, small)));
    expect(statuses.toSorted()).toEqual([...Array(5).fill(201), ...Array(15).fill(422)]);
  });
});

describe('the dispatcher', () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka?.stop());

  async function startDispatcher({ env }: Platform, more: Record<string, string> = {}): Promise<ServiceProcess> {
    const dispatcher = await startService('trigger-dispatcher', { ...env, KAFKA_BROKERS: kafka.brokers, ...more });
    stops.push(() => dispatcher.stop());
    await dispatcher.untilReady();
    return dispatcher;
  }
  const residentMebibytes = async (dispatcher: ServiceProcess) =>
    (await dispatcher.metric('process_resident_memory_bytes')) / MEBIBYTE;

  it('needs little more memory for the 30 largest pipelines than for none', async () => {
    const platform = await platformWith();
    const before = await residentMebibytes(await startDispatcher(platform));
    for (let number = 0; number < 30; number += 1) expect(await create(platform, largest(number))).toBe(201);
    const dispatcher = await startDispatcher(platform);
    expect(await dispatcher.metric('pipeline_cache_size')).toBe(30);
    expect((await residentMebibytes(dispatcher)) - before).toBeLessThan(80);
  });

  // The chart's limit is 640 MiB.
  it('fits into the memory limit of the chart with as many pipelines as the API allows', async () => {
    const platform = await platformWith();
    const pipelines = DEFAULT_MAX_ENTRIES / smallEntries;
    await sql`insert into pipelines (pipeline_id, name, definition)
      select 'pipeline-' || n, 'N', jsonb_set(${JSON.stringify(small)}::jsonb, '{tickers}', to_jsonb(array['T' || n]))
      from generate_series(1, ${pipelines}::int) n`.execute(platform.db);
    const dispatcher = await startDispatcher(platform);
    expect(await dispatcher.metric('pipeline_cache_size')).toBe(pipelines);
    expect(await residentMebibytes(dispatcher)).toBeLessThan(600);
  });

  it('leaves out pipelines for which it has no room, says so, and takes them when there is room', async () => {
    const platform = await platformWith();
    for (const id of ['one', 'two', 'three']) await create(platform, small, id);
    const limits = { PIPELINES_MAX_ENTRIES: String(2 * smallEntries), REFRESH_INTERVAL_MS: '200' };
    const dispatcher = await startDispatcher(platform, limits);
    expect(await dispatcher.metric('pipeline_cache_size')).toBe(2);
    const [line, ...others] = dispatcher.log.filter(({ message }) => message.startsWith('no room for the pipeline'));
    expect([line, others]).toEqual([expect.objectContaining({ level: 'error', entries: smallEntries, room: 0 }), []]);
    const kept = ['one', 'two', 'three'].find((id) => id !== line?.pipeline_id);
    await platform.call(`POST /api/v1/pipelines/${kept}/pause`);
    await eventually(async () => expect(await dispatcher.metric('pipeline_cache_size')).toBe(2));
    await platform.call(`DELETE /api/v1/pipelines/${line?.pipeline_id}`);
    await eventually(async () => expect(await dispatcher.metric('pipeline_cache_size')).toBe(1));
  });
});
