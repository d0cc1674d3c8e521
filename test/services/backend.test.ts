import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricDefinition, metricsEmittedBy } from '#catalogue/metrics.ts';
import { EXECUTION_QUEUE } from '#catalogue/topics.ts';
import { findReferences } from '../../services/backend/api/tidy-document.ts';
import { eventually } from '../support/eventually.ts';
import { definition, type Platform, startPlatform } from './backend-platform.ts';

let platform: Platform;
let redis: Redis;
const body = { name: 'Golden cross', ...definition };

beforeAll(async () => {
  platform = await startPlatform({ METRICS_ON_API: 'true' });
  redis = new Redis(platform.redisUrl, { maxRetriesPerRequest: null });
});

afterAll(async () => {
  redis?.disconnect();
  await platform?.stop();
});

async function addPipeline(change: Record<string, unknown> = {}): Promise<string> {
  const { status, body: pipeline } = await platform.call('POST /api/v1/pipelines', { ...body, ...change });
  expect(status, JSON.stringify(pipeline)).toBe(201);
  return pipeline.pipeline_id;
}

/** Asserts that a response is an RFC 9457 problem of this kind. */
function expectProblem(
  answer: { status: number; headers: Headers; body: Record<string, unknown> },
  status: number,
  name: string,
) {
  expect(answer.body).toMatchObject({ status, type: `/api/v1/problems/${name}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  for (const member of ['title', 'detail', 'instance', 'remedy', 'request_id'])
    expect(answer.body[member]).toBeTruthy();
}

describe('pipelines', () => {
  it('are stored as sent, with defaults for missing fields', async () => {
    const { call } = platform;
    const { stages, risk, mode, ...sparse } = body;
    const created = await call('POST /api/v1/pipelines', { pipeline_id: 'as-written', ...sparse });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/api/v1/pipelines/as-written');
    expect(created.body).toMatchObject({ ...body, pipeline_id: 'as-written', owner: 'api', status: 'active' });
    expect((await call('GET /api/v1/pipelines/as-written')).body).toEqual(created.body);
    const row = await platform.db
      .selectFrom('pipelines')
      .selectAll()
      .where('pipeline_id', '=', 'as-written')
      .executeTakeFirst();
    expect(row?.definition).toEqual(definition);
  });

  it('without an id get one derived from their name', async () => {
    expect(await addPipeline({ name: 'Ünder  the Sea!' })).toMatch(/^under-the-sea-[0-9a-f]{6}$/);
  });

  it('with a taken id are refused, and the pipeline with that id stays as it is', async () => {
    const id = await addPipeline();
    expectProblem(
      await platform.call('POST /api/v1/pipelines', { ...body, name: 'Other', pipeline_id: id }),
      409,
      'pipeline-exists',
    );
    expect((await platform.call(`GET /api/v1/pipelines/${id}`)).body.name).toBe(body.name);
  });

  it.each([
    [{ trigger: { mode: 'signal', signals: [{ type: 'nope' }] } }, 'trigger.signals[0].type'],
    [{ trigger: { mode: 'signal', signals: [{ type: 'rsi', minConfidense: 5 }] } }, 'trigger.signals[0].minConfidense'],
    [{ trigger: { mode: 'periodic' } }, 'trigger.schedule'],
    [{ trigger: { mode: 'periodic', schedule: '@daily' } }, 'trigger.schedule'],
    [{ trigger: { mode: 'periodic', schedule: '0 0 31 2 *' } }, 'trigger.schedule'],
    [{ trigger: { mode: 'periodic', schedule: '0 0 * * *', timeZone: 'Mars/Base' } }, 'trigger.timeZone'],
    [{ trigger: { mode: 'manual', schedule: '0 0 * * *' } }, 'trigger.schedule'],
    [{ tickers: ['GOOG', 'goog'] }, 'tickers[1]'],
    [{ stages: [{ agent: 'strategy' }] }, 'stages[0].agent'],
    [{ risk: { maxPositionUsd: -1 } }, 'risk.maxPositionUsd'],
    [{ name: undefined }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ pipeline_id: 'Not An Id' }, 'pipeline_id'],
    [{ unknown: 1 }, 'unknown'],
  ])('are refused with the path of the wrong field: %j', async (change, path) => {
    const answer = await platform.call('POST /api/v1/pipelines', { ...body, ...change });
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toEqual([path]);
  });

  it('are listed newest first, in pages, without the deleted ones, and by status', async () => {
    const { call } = platform;
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift(await addPipeline({ name: `Listed ${index}` }));
    await call(`POST /api/v1/pipelines/${ids[1]}/pause`);
    await call(`DELETE /api/v1/pipelines/${ids[3]}`);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await call(`GET /api/v1/pipelines?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.body.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.body.items.map((item: { pipeline_id: string }) => item.pipeline_id));
      cursor = page.body.next_cursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, 4)).toEqual(ids.filter((_, index) => index !== 3));
    const paused = await call('GET /api/v1/pipelines?status=paused');
    expect(paused.body.items.map((item: { pipeline_id: string }) => item.pipeline_id)).toEqual([ids[1]]);
  });

  it('are replaced by PUT and patched by PATCH; a patch with a wrong result changes nothing', async () => {
    const { call } = platform;
    const id = await addPipeline({ budget: { dailyUsd: 5 } });
    const patched = await call(`PATCH /api/v1/pipelines/${id}`, { risk: { maxPositionUsd: 7 }, budget: null });
    expect(patched.body).toMatchObject({ name: body.name, risk: { maxPositionUsd: 7, maxDailyLossUsd: 1_000 } });
    expect(patched.body.budget).toBeUndefined();
    const wrong = await call(`PATCH /api/v1/pipelines/${id}`, {
      stages: [{ agent: 'bias' }],
      risk: { maxPosition: 1 },
    });
    expectProblem(wrong, 400, 'invalid-request');
    expect(wrong.body.errors).toEqual([
      { path: 'stages[0].agent', message: 'bias needs a market-data stage before it' },
    ]);
    expect((await call(`GET /api/v1/pipelines/${id}`)).body).toEqual(patched.body);
    const replaced = await call(`PUT /api/v1/pipelines/${id}`, { ...body, name: 'Renamed', risk: undefined });
    expect(replaced.body).toMatchObject({ name: 'Renamed', risk: { maxPositionUsd: 10_000 } });
    expect(replaced.body.updated_at > patched.body.updated_at).toBe(true);
  });

  it('keep all changes of three concurrent requests', async () => {
    const id = await addPipeline();
    const changes = ['maxPositionUsd', 'maxDailyLossUsd', 'maxDrawdown'].map((field, index) => ({
      risk: { [field]: (index + 1) / 10 },
    }));
    await Promise.all(changes.map((change) => platform.call(`PATCH /api/v1/pipelines/${id}`, change)));
    const { risk } = (await platform.call(`GET /api/v1/pipelines/${id}`)).body;
    expect(risk).toEqual({ maxPositionUsd: 0.1, maxDailyLossUsd: 0.2, maxDrawdown: 0.3 });
  });

  it('are paused, resumed and deleted; deleted ones can be read but not changed', async () => {
    const { call } = platform;
    const id = await addPipeline();
    expect((await call(`POST /api/v1/pipelines/${id}/pause`)).body.status).toBe('paused');
    expect((await call(`POST /api/v1/pipelines/${id}/pause`)).status).toBe(200);
    expectProblem(await call(`POST /api/v1/pipelines/${id}/run`), 409, 'pipeline-paused');
    expect((await call(`POST /api/v1/pipelines/${id}/resume`)).body.status).toBe('active');
    expect((await call(`DELETE /api/v1/pipelines/${id}`)).status).toBe(204);
    expect((await call(`DELETE /api/v1/pipelines/${id}`)).status).toBe(204);
    expect((await call(`GET /api/v1/pipelines/${id}`)).body.status).toBe('deleted');
    for (const request of ['POST /resume', 'POST /pause', 'POST /run', 'PATCH ']) {
      const [method, action = ''] = request.split(' ');
      expectProblem(await call(`${method} /api/v1/pipelines/${id}${action}`, {}), 409, 'pipeline-deleted');
    }
    expectProblem(await call('POST /api/v1/pipelines', { ...body, pipeline_id: id }), 409, 'pipeline-exists');
  });

  it('declared by a TradingPipeline are read-only', async () => {
    const { call } = platform;
    const id = await addPipeline();
    await platform.db.updateTable('pipelines').set({ owner: 'cluster' }).where('pipeline_id', '=', id).execute();
    for (const request of ['PUT ', 'PATCH ', 'POST /pause', 'POST /resume', 'DELETE ']) {
      const [method, action = ''] = request.split(' ');
      const given = method === 'PUT' ? body : method === 'PATCH' ? {} : undefined;
      expectProblem(await call(`${method} /api/v1/pipelines/${id}${action}`, given), 403, 'declared-by-cluster');
    }
    expect((await call(`GET /api/v1/pipelines/${id}`)).body).toMatchObject({ status: 'active', owner: 'cluster' });
  });

  it('that do not exist are answered with not-found', async () => {
    for (const request of ['GET ', 'DELETE ', 'POST /pause', 'POST /run']) {
      const [method, action = ''] = request.split(' ');
      expectProblem(await platform.call(`${method} /api/v1/pipelines/nobody${action}`), 404, 'not-found');
    }
  });
});

describe('a manual run', () => {
  it('is stored and enqueued once for each ticker, with the trace of the request', async () => {
    const id = await addPipeline({ tickers: ['GOOG', 'EURUSD'] });
    const traceId = 'a'.repeat(32);
    const headers = { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` };
    const { status, body: run } = await platform.call(`POST /api/v1/pipelines/${id}/run`, {}, headers);
    expect(status).toBe(202);
    expect(run.executions.map((execution: { ticker: string }) => execution.ticker).sort()).toEqual(['EURUSD', 'GOOG']);
    const queue = new Queue(EXECUTION_QUEUE, { connection: redis });
    for (const { execution_id } of run.executions) {
      const detail = (await platform.call(`GET /api/v1/executions/${execution_id}`)).body;
      expect(detail).toMatchObject({
        pipeline_id: id,
        status: 'queued',
        trigger_mode: 'manual',
        signal_id: null,
        stages: [],
        orders: [],
      });
      const job = await queue.getJob(execution_id);
      expect(job?.data.execution_id).toBe(execution_id);
      expect(job?.data.trace.traceparent).toMatch(`00-${traceId}-`);
    }
    const rows = await platform.db.selectFrom('executions').select('trace').where('pipeline_id', '=', id).execute();
    expect(rows.map((row) => row.trace.traceparent?.split('-')[1])).toEqual([traceId, traceId]);
    await queue.close();
  });

  it('keeps the trace of a request whose body arrives late, in pieces', async () => {
    const id = await addPipeline();
    const traceId = 'c'.repeat(32);
    const headers = { 'content-type': 'application/json', traceparent: `00-${traceId}-${'d'.repeat(16)}-01` };
    const request = httpRequest(`${platform.backend.api}/api/v1/pipelines/${id}/run`, { method: 'POST', headers });
    const answered = once(request, 'response');
    request.flushHeaders();
    await sleep(100);
    request.write('{"ticker"');
    await sleep(100);
    request.end(':"GOOG"}');
    const [answer] = await answered;
    answer.resume();
    expect(answer.statusCode).toBe(202);
    const row = await platform.db
      .selectFrom('executions')
      .select('trace')
      .where('pipeline_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row.trace.traceparent).toContain(traceId);
  });

  it('needs no body, and names its only execution in the Location header', async () => {
    const id = await addPipeline();
    const answer = await platform.call(`POST /api/v1/pipelines/${id}/run`);
    expect(answer.headers.get('location')).toBe(`/api/v1/executions/${answer.body.executions[0].execution_id}`);
  });

  it('for a busy ticker is refused with the id of the execution; the other tickers run', async () => {
    const id = await addPipeline({ tickers: ['GOOG', 'EURUSD'] });
    const first = await platform.call(`POST /api/v1/pipelines/${id}/run`, { ticker: 'GOOG' });
    const busy = first.body.executions;
    const again = await platform.call(`POST /api/v1/pipelines/${id}/run`, { ticker: 'GOOG' });
    expectProblem(again, 409, 'pipeline-busy');
    expect(again.body.busy).toEqual(busy);
    expect(again.body.detail).toContain(busy[0].execution_id);
    const rest = await platform.call(`POST /api/v1/pipelines/${id}/run`);
    expect(rest.body.executions.map((execution: { ticker: string }) => execution.ticker)).toEqual(['EURUSD']);
    expect(rest.body.busy).toEqual(busy);
  });

  it('requested twenty times at once starts one execution', async () => {
    const id = await addPipeline();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => platform.call(`POST /api/v1/pipelines/${id}/run`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(19).fill(409)]);
    const rows = await platform.db
      .selectFrom('executions')
      .select('execution_id')
      .where('pipeline_id', '=', id)
      .execute();
    expect(rows).toHaveLength(1);
  });

  it('for a ticker that the pipeline does not trade is refused', async () => {
    const answer = await platform.call(`POST /api/v1/pipelines/${await addPipeline()}/run`, { ticker: 'AAPL' });
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors[0].path).toBe('ticker');
  });
});

describe('executions, signals and orders', () => {
  it('are listed by each of their filters, and read by id', async () => {
    const { call, addSignal, addExecution, addOrder } = platform;
    const id = await addPipeline();
    const signalId = `signal-${randomUUID()}`;
    await addSignal(signalId, { ticker: 'AAPL', type: 'macd' });
    const executionId = await addExecution(id, {
      signal_id: signalId,
      ticker: 'AAPL',
      status: 'failed',
      reason: 'no price',
    });
    const orderId = await addOrder(id, executionId, { symbol: 'AAPL', side: 'sell', quantity: '0.000000001' });
    await platform.db
      .insertInto('execution_stages')
      .values({
        execution_id: executionId,
        position: 0,
        agent: 'market-data',
        status: 'success',
        result: '{"price":1}',
        duration_seconds: 0.1,
        cost_usd: '0',
      })
      .execute();

    const lists = [
      ...['ticker=AAPL', 'status=failed', `signal_id=${signalId}`, `pipeline_id=${id}`].map((filter) => [
        'executions',
        filter,
        executionId,
      ]),
      ...['ticker=AAPL', 'type=macd', 'outcome=unmatched&ticker=AAPL'].map((filter) => ['signals', filter, signalId]),
      ...['symbol=AAPL', 'side=sell', `execution_id=${executionId}`, `pipeline_id=${id}&status=filled`].map(
        (filter) => ['orders', filter, orderId],
      ),
    ];
    for (const [list, filter, expected] of lists) {
      const { body: page } = await call(`GET /api/v1/${list}?${filter}`);
      const ids = page.items.map(
        (item: Record<string, string>) => item.client_order_id ?? item.execution_id ?? item.signal_id,
      );
      expect(ids, `${list}?${filter}`).toEqual([expected]);
      expect((await call(`GET /api/v1/${list}?${filter}&since=2100-01-01T00:00:00Z`)).body.items).toEqual([]);
      const one = await call(`GET /api/v1/${list}/${expected}`);
      expect(one.body).toMatchObject(page.items[0]);
    }
    const detail = (await call(`GET /api/v1/executions/${executionId}`)).body;
    expect(detail.stages).toMatchObject([{ agent: 'market-data', status: 'success', result: { price: 1 } }]);
    expect(detail.orders).toMatchObject([{ client_order_id: orderId, quantity: '0.000000001', price: '100.5' }]);
  });

  it('are paged without loss or repeat, even if all have the same time', async () => {
    const { call, addExecution } = platform;
    const id = await addPipeline();
    const created_at = new Date();
    const added = await Promise.all(
      Array.from({ length: 25 }, (_, index) => addExecution(id, { created_at, ticker: `T${index}` })),
    );
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body: page } = await call(
        `GET /api/v1/executions?pipeline_id=${id}&limit=7${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map((item: { execution_id: string }) => item.execution_id));
      cursor = page.next_cursor;
    }
    expect(seen.toSorted()).toEqual(added.toSorted());
  });

  it.each(['executions', 'signals', 'orders', 'bots'])(
    '%s refuse wrong and unknown parameters, and wrong ids',
    async (list) => {
      for (const [query, path] of [
        ['limit=0', 'limit'],
        ['limit=x', 'limit'],
        ['cursor=abc', 'cursor'],
        ['statuss=x', 'statuss'],
      ]) {
        const answer = await platform.call(`GET /api/v1/${list}?${query}`);
        expectProblem(answer, 400, 'invalid-request');
        expect(answer.body.errors[0].path).toBe(path);
      }
      expectProblem(await platform.call(`GET /api/v1/${list}/nobody`), 404, 'not-found');
      expectProblem(await platform.call(`GET /api/v1/${list}/%00`), 400, 'invalid-request');
    },
  );
});

describe('wrong requests', () => {
  it('are answered with the problem of their kind, which has a remedy', async () => {
    const { call } = platform;
    expectProblem(await call('GET /nowhere'), 404, 'route-not-found');
    expectProblem(await call('GET /%ZZ'), 400, 'malformed-request');
    const malformed = await call('POST /api/v1/pipelines', '{"name": }');
    expectProblem(malformed, 400, 'malformed-json');
    expect(malformed.body.detail).toContain('Unexpected token');
    expectProblem(await call('POST /api/v1/pipelines', '{"__proto__": {"a": 1}}'), 400, 'malformed-json');
    expectProblem(
      await call('POST /api/v1/pipelines', 'name=x', { 'content-type': 'text/plain' }),
      415,
      'unsupported-media-type',
    );
    expectProblem(await call('POST /api/v1/pipelines', { name: 'x'.repeat(2_000_000) }), 413, 'payload-too-large');
    expectProblem(await call('GET /api/v1/stream'), 426, 'upgrade-required');
    expectProblem(await call('POST /api/v1/pipelines'), 400, 'invalid-request');
  });

  it('have a type that the API explains', async () => {
    const { body: problem } = await platform.call('GET /nowhere');
    expect((await platform.call(`GET ${problem.type}`)).body).toMatchObject({
      type: problem.type,
      status: 404,
      title: problem.title,
    });
    expect((await platform.call('GET /api/v1/problems')).body.items.length).toBeGreaterThan(10);
  });
});

/**
 * Returns the routes under /api/ that the backend serves, for example `get /api/v1/bots/{bot_id}`. It reads them from /metrics, where each
 * route has a gauge of its requests.
 */
async function servedRoutes(): Promise<string[]> {
  const text = await (await fetch(`${platform.backend.metrics}/metrics`)).text();
  const series = [...text.matchAll(/^http_server_active_requests\{method="(\w+)",route="(\/api\/[^"]+)"\}/gm)];
  expect(series.length).toBeGreaterThan(20);
  return series
    .map(([, method = '', route = '']) => `${method.toLowerCase()} ${route.replace(/:(\w+)/g, '{$1}')}`)
    .toSorted();
}

describe('the OpenAPI document', () => {
  it('describes every route of the API, and refers only to schemas that it defines', async () => {
    const { body: document } = await platform.call('GET /openapi.json');
    expect(document.openapi).toBe('3.1.0');
    // biome-ignore lint/suspicious/noExplicitAny: a document of another standard
    const operations = Object.entries<Record<string, any>>(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
    );
    expect(operations.map(({ name }) => name).toSorted()).toEqual(await servedRoutes());
    const tags = document.tags.map((tag: { name: string }) => tag.name);
    for (const { name, path, operation } of operations) {
      expect(operation.summary, name).toBeTruthy();
      expect(
        operation.tags.every((tag: string) => tags.includes(tag)),
        name,
      ).toBe(true);
      expect(Object.keys(operation.responses).length, name).toBeGreaterThan(1);
      for (const response of Object.values<{ description: string }>(operation.responses))
        expect(response.description, name).toBeTruthy();
      const declared = (operation.parameters ?? []).filter((parameter: { in: string }) => parameter.in === 'path');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(
        declared.map((parameter: { name: string }) => parameter.name),
        name,
      ).toEqual(inPath);
    }
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const defined = Object.keys(document.components.schemas);
    expect(findReferences(document).filter((name) => !defined.includes(name))).toEqual([]);
  });

  it('has a page without inline scripts, whose content security policy allows its files', async () => {
    const page = await fetch(`${platform.backend.api}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script>[^<]/);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect((await fetch(new URL(file ?? '', page.url))).status, file).toBe(200);
  });
});

describe('metrics', () => {
  it('include every metric that the catalogue lists for the backend, and count requests by route, never by raw path', async () => {
    const text = await (await fetch(`${platform.backend.metrics}/metrics`)).text();
    for (const name of metricsEmittedBy('backend')) {
      expect(text, name).toContain(`# TYPE ${name} ${metricDefinition(name).type}`);
    }
    await platform.call('GET /api/v1/pipelines/nobody');
    await platform.call('GET /some/raw/path');
    const { readSeries } = platform.backend;
    const executions = (id: string) =>
      `pipeline_executions_total{status="failed",pipeline_id="${id}",trigger_mode="manual"}`;
    expect(await readSeries(executions('other'))).toBe(0);
    const id = await addPipeline();
    await eventually(async () => expect(await readSeries(executions(id))).toBe(0));
    const duration = 'http_server_request_duration_seconds_count';
    expect(
      await readSeries(`${duration}{method="GET",route="/api/v1/pipelines/:pipeline_id",status_code="404"}`),
    ).toBeGreaterThan(0);
    expect(await readSeries(`${duration}{method="GET",route="unmatched",status_code="404"}`)).toBeGreaterThan(0);
    expect(await readSeries('http_server_active_requests{method="POST",route="/api/v1/pipelines"}')).toBe(0);
    const all = await (await fetch(`${platform.backend.metrics}/metrics`)).text();
    expect(all).not.toContain('/some/raw/path');
    expect((await fetch(`${platform.backend.api}/metrics`)).status).toBe(200);
  });

  it('count the actions of users by status, and the bytes of request bodies', async () => {
    const series = (status: string) =>
      platform.backend.readSeries(`api_user_actions_total{action="pause_pipeline",status="${status}"}`);
    const [success, error] = [(await series('success')) ?? Number.NaN, (await series('error')) ?? Number.NaN];
    await platform.call(`POST /api/v1/pipelines/${await addPipeline()}/pause`);
    await platform.call('POST /api/v1/pipelines/nobody/pause');
    await eventually(async () =>
      expect([await series('success'), await series('error')]).toEqual([success + 1, error + 1]),
    );
    const readBytes = () =>
      platform.backend.readSeries('http_server_request_size_bytes_sum{method="POST",route="/api/v1/pipelines"}');
    const before = (await readBytes()) ?? Number.NaN;
    await addPipeline();
    await eventually(async () => expect(await readBytes()).toBe(before + Buffer.byteLength(JSON.stringify(body))));
  });
});
