import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels } from '#catalogue/topics.ts';
import { eventually } from '../support/eventually.ts';
import { definition, type Platform, startPlatform } from './backend-platform.ts';

const token = 'a-token-of-the-test-0123456789';
const path = '/api/v1/cluster/pipelines';
const declaration = { ...definition, paused: false };

let platform: Platform;
let listener: pg.Client;
const notified: string[] = [];

beforeAll(async () => {
  platform = await startPlatform({ PIPELINES_API_TOKEN: token });
  listener = new pg.Client({ connectionString: platform.databaseUrl });
  listener.on('notification', ({ payload }) => notified.push(payload ?? ''));
  await listener.connect();
  await listener.query(`listen ${channels.pipelinesChanged}`);
});
afterAll(async () => {
  await listener?.end();
  await platform?.stop();
});

const call = (request: string, body?: unknown, bearer = `Bearer ${token}`) =>
  platform.call(request, body, { authorization: bearer });
const declare = (id: string, change: object = {}) => call(`PUT ${path}/${id}`, { ...declaration, ...change });
const listed = async (id: string) => {
  const { body } = await call(`GET ${path}`);
  return body.items.find((item: { pipeline_id: string }) => item.pipeline_id === id);
};
const rowOf = (id: string) =>
  platform.db.selectFrom('pipelines').selectAll().where('pipeline_id', '=', id).executeTakeFirstOrThrow();
/**
 * Returns the notifications since the last call. It sends a marker and waits for it: Postgres delivers notifications in order, so
 * all earlier notifications have then arrived.
 */
const notifications = async () => {
  const marker = `marker-${Math.random()}`;
  await listener.query('select pg_notify($1, $2)', [channels.pipelinesChanged, marker]);
  await eventually(() => expect(notified).toContain(marker));
  return notified.splice(0).filter((payload) => !payload.startsWith('marker-'));
};

describe('a declared pipeline', () => {
  it('is created and read as declared', async () => {
    expect((await declare('desk.created', { budget: { dailyUsd: 3 } })).status).toBe(204);
    expect(await listed('desk.created')).toEqual({
      pipeline_id: 'desk.created',
      declaration: { ...declaration, budget: { dailyUsd: 3 } },
      executions: { total: 0, failed: 0, last: null },
    });
    expect(await rowOf('desk.created')).toMatchObject({ owner: 'cluster', status: 'active', name: 'desk/created' });
  });

  it('declared again without a change is not written, and nobody is notified', async () => {
    await declare('desk.same');
    const before = await rowOf('desk.same');
    await notifications();
    expect((await declare('desk.same')).status).toBe(204);
    expect(await notifications()).toEqual([]);
    expect(await rowOf('desk.same')).toEqual(before);
    await declare('desk.same', { tickers: ['EURUSD'] });
    expect(await notifications()).toEqual(['desk.same']);
    expect((await rowOf('desk.same')).definition.tickers).toEqual(['EURUSD']);
  });

  it('is paused, withdrawn and restored by the declaration', async () => {
    await declare('desk.paused', { paused: true });
    expect(await rowOf('desk.paused')).toMatchObject({ status: 'paused' });
    expect((await listed('desk.paused')).declaration.paused).toBe(true);
    expect((await call(`DELETE ${path}/desk.paused`)).status).toBe(204);
    expect((await call(`DELETE ${path}/desk.paused`)).status).toBe(204);
    expect(await listed('desk.paused')).toBeUndefined();
    expect(await rowOf('desk.paused')).toMatchObject({ status: 'deleted' });
    await declare('desk.paused');
    expect(await rowOf('desk.paused')).toMatchObject({ status: 'active' });
  });

  it('reports how many executions ended, how many failed, and when the last ended', async () => {
    await declare('desk.counted');
    const finished_at = new Date('2026-01-02T03:04:05Z');
    await platform.addExecution('desk.counted', { finished_at: new Date('2026-01-01T00:00:00Z') });
    await platform.addExecution('desk.counted', { status: 'failed', finished_at });
    await platform.addExecution('desk.counted', { status: 'skipped', finished_at: new Date('2026-02-01T00:00:00Z') });
    await platform.addExecution('desk.counted', { status: 'queued', ticker: 'EURUSD' });
    expect((await listed('desk.counted')).executions).toEqual({ total: 2, failed: 1, last: finished_at.toISOString() });
  });

  it('is read-only for users, and the error names its TradingPipeline; users may run it', async () => {
    await declare('desk.read-only', { trigger: { mode: 'manual' } });
    const changes: [request: string, body?: object][] = [
      ['PUT ', { name: 'x', ...definition }],
      ['PATCH ', {}],
      ['POST /pause'],
      ['POST /resume'],
      ['DELETE '],
    ];
    for (const [request, body] of changes) {
      const [method, action = ''] = request.split(' ');
      const answer = await platform.call(`${method} /api/v1/pipelines/desk.read-only${action}`, body);
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject({
        type: '/api/v1/problems/declared-by-cluster',
        detail: 'The pipeline "desk.read-only" is declared by the TradingPipeline read-only in the namespace desk.',
      });
    }
    expect((await platform.call('POST /api/v1/pipelines/desk.read-only/run')).status).toBe(202);
  });

  it('has an id that users of the API cannot take', async () => {
    const answer = await platform.call('POST /api/v1/pipelines', {
      pipeline_id: 'desk.mine',
      name: 'x',
      ...definition,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ path: 'pipeline_id', message: expect.stringContaining('dot') }]);
    expect((await declare('desk.mine')).status).toBe(204);
  });

  it('does not take the id of a user’s pipeline of an earlier version, until that pipeline is deleted', async () => {
    const id = 'desk.of-user';
    const row = { pipeline_id: id, name: 'mine', definition: JSON.stringify(definition) };
    await platform.db.insertInto('pipelines').values(row).execute();
    const before = await rowOf(id);
    for (const answer of [await declare(id), await call(`DELETE ${path}/${id}`)]) {
      expect(answer.status).toBe(409);
      expect(answer.body.type).toBe('/api/v1/problems/pipeline-of-user');
    }
    expect(await rowOf(id)).toEqual(before);
    expect((await platform.call(`DELETE /api/v1/pipelines/${id}`)).status).toBe(204);
    expect((await call(`DELETE ${path}/${id}`)).status).toBe(204);
    expect(await rowOf(id)).toMatchObject({ owner: 'api', status: 'deleted' });
    expect((await declare(id, { tickers: ['EURUSD'] })).status).toBe(204);
    expect(await rowOf(id)).toMatchObject({ owner: 'cluster', status: 'active', definition: { tickers: ['EURUSD'] } });
    expect((await listed(id)).declaration.tickers).toEqual(['EURUSD']);
  });

  it('with the longest possible id is declared, read, run and withdrawn', async () => {
    const id = `${'n'.repeat(63)}.${'a'.repeat(63)}`;
    expect((await declare(id)).status).toBe(204);
    expect((await platform.call(`GET /api/v1/pipelines/${id}`)).status).toBe(200);
    expect((await platform.call(`POST /api/v1/pipelines/${id}/run`)).status).toBe(202);
    expect((await call(`DELETE ${path}/${id}`)).status).toBe(204);
  });

  it('is refused with the path of the wrong field', async () => {
    const answer = await declare('desk.wrong', { risk: { maxDrawdown: 20 } });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ path: 'risk.maxDrawdown' }]);
    expect((await declare('no-namespace')).body.errors).toMatchObject([{ path: 'pipeline_id' }]);
    expect((await call(`DELETE ${path}/desk.nobody`)).status).toBe(404);
  });

  it('declared twenty times at once is written once', async () => {
    await notifications();
    const answers = await Promise.all(Array.from({ length: 20 }, () => declare('desk.at-once')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(await notifications()).toEqual(['desk.at-once']);
  });
});

describe('the routes of the cluster', () => {
  const requests = [`GET ${path}`, `PUT ${path}/desk.x`, `DELETE ${path}/desk.x`];

  it.each(requests)('refuse callers without the token: %s', async (request) => {
    const body = request.startsWith('PUT') ? declaration : undefined;
    for (const bearer of ['', 'Bearer ', `Basic ${token}`, `Bearer ${token}x`, 'Bearer short']) {
      const answer = await call(request, body, bearer);
      expect([bearer, answer.status]).toEqual([bearer, 401]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(answer.body.type).toBe('/api/v1/problems/token-refused');
    }
  });

  it('refuse every caller if no token is set, and name the variable to set', async () => {
    const { PIPELINES_API_TOKEN: _token, ...env } = platform.env as Record<string, string>;
    const shut = await startPlatform(env);
    try {
      for (const request of requests) {
        const body = request.startsWith('PUT') ? declaration : undefined;
        const answer = await shut.call(request, body, { authorization: `Bearer ${token}` });
        expect([request, answer.status]).toEqual([request, 403]);
        expect(answer.body).toMatchObject({ type: '/api/v1/problems/declarations-off' });
        expect(answer.body.remedy).toContain('PIPELINES_API_TOKEN');
      }
    } finally {
      await shut.stop();
    }
  });

  it('are in the OpenAPI document, with the token that they require', async () => {
    const { body: document } = await platform.call('GET /openapi.json');
    expect(document.components.securitySchemes.operatorToken).toMatchObject({ type: 'http', scheme: 'bearer' });
    const { put } = document.paths[`${path}/{pipeline_id}`];
    expect(put.security).toEqual([{ operatorToken: [] }]);
    expect(Object.keys(put.responses).sort()).toEqual(['204', '400', '401', '403', '409', '422', 'default']);
    expect(document.paths['/api/v1/pipelines'].get.security).toBeUndefined();
  });
});
