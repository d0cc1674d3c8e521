import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { definition, type Platform, startPlatform } from './backend-platform.ts';

let platform: Platform;
const body = { name: 'Golden cross', ...definition };

beforeAll(async () => {
  platform = await startPlatform({
    API_ALLOWED_ORIGINS: 'https://desk.example',
    HTTP_ALLOWED_HOSTS: 'backend, *.desk.example',
  });
});
afterAll(() => platform?.stop());

interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape of answers
  body: any;
}

/** Sends bytes as they are, because fetch() sets headers such as Host itself. Returns the first response. */
async function sendRaw(text: string, port = new URL(platform.backend.api).port): Promise<RawAnswer> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => {
    answer += part;
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  const [head = '', content = ''] = answer.split(/\r\n\r\n(.*)/s);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.split(':')[0]?.toLowerCase(), line.split(': ')[1]]));
  const isJson = headers['content-type']?.includes('json');
  return { status: Number(first.split(' ')[1]), headers, body: isJson ? JSON.parse(content) : content };
}

const head = (request: string, lines: readonly string[] = []) =>
  `${[`${request} HTTP/1.1`, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;

function expectProblem(answer: { status: number; headers: unknown; body: object }, status: number, name: string) {
  expect(answer.body).toMatchObject({ status, type: `/api/v1/problems/${name}` });
  expect(answer.status).toBe(status);
  const headers = new Headers(answer.headers as Record<string, string>);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  for (const member of ['title', 'detail', 'instance', 'remedy', 'request_id']) {
    expect((answer.body as Record<string, unknown>)[member], member).toBeTruthy();
  }
}

describe('ids', () => {
  it.each([101, 111, 128])('of %d characters can be created, read, paused, run and deleted', async (length) => {
    const { call } = platform;
    const id = 'x'.repeat(length);
    expect((await call('POST /api/v1/pipelines', { ...body, pipeline_id: id })).status).toBe(201);
    const path = `/api/v1/pipelines/${id}`;
    expect((await call(`GET ${path}`)).body.pipeline_id).toBe(id);
    expect((await call(`POST ${path}/pause`)).body.status).toBe('paused');
    expect((await call(`GET /api/v1/bots/${id}`)).status).toBe(200);
    expect((await call(`GET /api/v1/executions?pipeline_id=${id}`)).status).toBe(200);
    expect((await call(`DELETE ${path}`)).status).toBe(204);
  });

  it.each(['sig/1', 'a b?c', '100%', 'BTC|1d|2026', '😀'.repeat(128)])(
    'of signals of other producers can be read: %j',
    async (signalId) => {
      await platform.addSignal(signalId, { type: 'of another/kind' });
      const { status, body: signal } = await platform.call(`GET /api/v1/signals/${encodeURIComponent(signalId)}`);
      expect([status, signal.signal_id]).toEqual([200, signalId]);
      const type = encodeURIComponent('of another/kind');
      const { body: page } = await platform.call(`GET /api/v1/signals?type=${type}&limit=1`);
      expect(page.items[0].signal_id).toBe(signalId);
      const { body: next } = await platform.call(`GET /api/v1/signals?limit=1`);
      if (next.next_cursor) {
        expect((await platform.call(`GET /api/v1/signals?cursor=${next.next_cursor}`)).status).toBe(200);
      }
    },
  );
});

describe('lists', () => {
  const lists = ['pipelines', 'executions', 'signals', 'orders', 'bots'];
  const cursors = [
    Buffer.from('["2026-02-30T00:00:00.000000Z","a"]').toString('base64url'),
    Buffer.from('["2025-02-29T00:00:00.000000Z","a"]').toString('base64url'),
    Buffer.from('["0000-01-01T00:00:00.000000Z","a"]').toString('base64url'),
    Buffer.from('["2026-01-01T00:00:60.000000Z","a"]').toString('base64url'),
  ];

  it.each(lists)('%s refuse cursors with a time that does not exist', async (list) => {
    for (const cursor of cursors) {
      const answer = await platform.call(`GET /api/v1/${list}?cursor=${cursor}`);
      expectProblem(answer, 400, 'invalid-request');
      expect(answer.body.errors[0].path).toBe('cursor');
    }
  });

  it.each(lists)('%s accept every cursor of the documented form, and one of version 0.1', async (list) => {
    const old = Buffer.from('["2026-02-28T00:00:00.000000Z","a"]').toString('base64url');
    for (const cursor of ['0_YQ', '-9999999999999999_AA', '99999999999999999__w', '1769860800123456_YWI', old]) {
      expect([cursor, (await platform.call(`GET /api/v1/${list}?cursor=${cursor}`)).status]).toEqual([cursor, 200]);
    }
  });

  it.each(['0x10', '1e1', '%205', '5.0', '', '%2B5'])('refuse the limit %s', async (limit) => {
    const answer = await platform.call(`GET /api/v1/orders?limit=${limit}`);
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors[0].path).toBe('limit');
  });

  it.each([
    '9999-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59Z',
    '9999-12-31T23:59:59.999-23:59',
    '0001-01-01T00:00:00Z',
    '0000-01-01T00:00:00+23:59',
  ])('and costs accept since=%s', async (since) => {
    for (const list of ['orders', 'executions', 'signals', 'cost']) {
      const { status } = await platform.call(`GET /api/v1/${list}?since=${encodeURIComponent(since)}`);
      expect([list, status]).toEqual([list, 200]);
    }
  });

  it('answer with a slash at the end', async () => {
    for (const list of [...lists, 'portfolio', 'cost', 'problems']) {
      expect([list, (await platform.call(`GET /api/v1/${list}/`)).status]).toEqual([list, 200]);
    }
  });
});

describe('a body', () => {
  it('of 1 MB of unknown keys gets an answer of less than 4 kB, which counts the keys that it does not name', async () => {
    const keys = Array.from({ length: 90_000 }, (_, index) => `"k${index}":1`).join(',');
    const began = performance.now();
    const answer = await platform.call('POST /api/v1/pipelines', `{${JSON.stringify(body).slice(1, -1)},${keys}}`);
    expect(performance.now() - began).toBeLessThan(1_000);
    expectProblem(answer, 400, 'invalid-request');
    expect(JSON.stringify(answer.body).length).toBeLessThan(4_000);
    expect([answer.body.errors.length, answer.body.more_errors]).toEqual([10, 89_990]);
    expect(answer.body.detail).toContain('and 89990 more');
  });

  it('with a thousand wrong fields gets the first ten', async () => {
    const answer = await platform.call('POST /api/v1/pipelines', { ...body, tickers: Array(1_000).fill('goog') });
    expectProblem(answer, 400, 'invalid-request');
    expect([answer.body.errors.length, answer.body.more_errors]).toEqual([10, 990]);
  });

  it('that nests deeply is refused', async () => {
    const id = `nested-${randomUUID()}`;
    await platform.call('POST /api/v1/pipelines', { ...body, pipeline_id: id });
    for (const deep of [
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      `{"tickers":${'['.repeat(400_000)}${']'.repeat(400_000)}}`,
    ]) {
      for (const request of [`PATCH /api/v1/pipelines/${id}`, 'POST /api/v1/pipelines']) {
        expectProblem(await platform.call(request, deep), 400, 'malformed-request');
      }
    }
  });

  it.each([
    ['half of a surrogate pair', '"\\ud800"'],
    ['right-to-left override', '"a\\u202eb"'],
    ['a zero-width space', '"a\\u200bb"'],
    ['a byte order mark', '"a\\ufeffb"'],
    ['only spaces', '"   "'],
  ])('with %s in the name is refused', async (_, name) => {
    const text = JSON.stringify({ ...definition, name: 'N' }).replace('"N"', name);
    for (const request of [
      'POST /api/v1/pipelines',
      'PUT /api/v1/pipelines/nobody',
      'PATCH /api/v1/pipelines/nobody',
    ]) {
      const answer = await platform.call(request, text);
      expectProblem(answer, 400, 'invalid-request');
      expect(answer.body.errors[0].path).toBe('name');
    }
  });

  it('that its client breaks off is not logged as an error of the database', async () => {
    const socket = connect(Number(new URL(platform.backend.api).port), '127.0.0.1');
    const lines = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 1000'];
    socket.write(`POST /api/v1/pipelines HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n{"name":`);
    const series =
      'http_server_request_duration_seconds_count{method="POST",route="/api/v1/pipelines",status_code="499"}';
    const before = (await platform.backend.readSeries(series)) ?? 0;
    await eventually(async () => {
      const active = 'http_server_active_requests{method="POST",route="/api/v1/pipelines"}';
      expect(await platform.backend.readSeries(active)).toBe(1);
    });
    socket.destroy();
    await eventually(async () => expect(await platform.backend.readSeries(series)).toBe(before + 1));
    expect(platform.backend.log.filter(({ message }) => message === 'request failed')).toEqual([]);
  });
});

describe('a method that a route does not have', () => {
  it.each([
    ['POST /api/v1/portfolio', 'GET, HEAD'],
    ['DELETE /api/v1/pipelines', 'GET, HEAD, POST'],
    ['PUT /api/v1/bots/x', 'GET, HEAD'],
    ['OPTIONS /api/v1/pipelines/x', 'DELETE, GET, HEAD, PATCH, PUT'],
    ['GET /api/v1/pipelines/x/run', 'POST'],
    ['PROPFIND /api/v1/portfolio/', 'GET, HEAD'],
  ])('gets 405 with the methods that there are: %s', async (request, allow) => {
    const answer = await platform.call(request);
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it('gets 405 on the metrics port too, and an unknown path 404', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const answer = await fetch(`${platform.backend.metrics}${path}`, { method: 'PUT' });
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, 'GET, HEAD']);
    }
    expect((await fetch(`${platform.backend.metrics}/nowhere`, { method: 'PUT' })).status).toBe(404);
    expectProblem(await platform.call('PUT /nowhere'), 404, 'route-not-found');
  });
});

describe('a request that cannot be read', () => {
  it.each<[what: string, request: string, status: number, name: string]>([
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'malformed-request'],
    ['an unknown method', head('BREW /api/v1/pipelines', ['Host: localhost']), 400, 'malformed-request'],
    ['a control character in a header', head('GET /', ['Host: localhost', 'X: a\u0001b']), 400, 'malformed-request'],
    [
      'two lengths',
      head('POST /', ['Host: localhost', 'Content-Length: 1', 'Content-Length: 2']),
      400,
      'malformed-request',
    ],
    ['headers of 20 kB', head('GET /', ['Host: localhost', `X: ${'x'.repeat(20_000)}`]), 431, 'headers-too-large'],
    ['a URL of 20 kB', head(`GET /${'x'.repeat(20_000)}`, ['Host: localhost']), 431, 'headers-too-large'],
    ['no Host', head('GET /api/v1/portfolio'), 400, 'malformed-request'],
    [
      'an unknown expectation',
      head('GET /api/v1/portfolio', ['Host: localhost', 'Expect: tea']),
      417,
      'expectation-failed',
    ],
    [
      'a WebSocket of an unknown version',
      `GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 7\r\nSec-WebSocket-Key: ${'a'.repeat(22)}==\r\n\r\n`,
      400,
      'malformed-request',
    ],
  ])('is answered with a problem: %s', async (_, request, status, name) => {
    expectProblem(await sendRaw(request), status, name);
  });
});

describe('the header Host', () => {
  const status = async (host: string, request = 'GET /api/v1/portfolio') =>
    (await sendRaw(head(request, [`Host: ${host}`]))).status;

  it.each(['evil.example:8000', 'evil.example', 'localhost.evil.example'])('%s gets 421', async (host) => {
    for (const request of [
      'GET /api/v1/portfolio',
      'GET /docs',
      'GET /openapi.json',
      'GET /nowhere',
      'POST /api/v1/pipelines',
    ]) {
      expectProblem(await sendRaw(head(request, [`Host: ${host}`])), 421, 'host-not-allowed');
    }
    const port = new URL(platform.backend.metrics).port;
    expect((await sendRaw(head('GET /metrics', [`Host: ${host}`]), port)).status).toBe(421);
  });

  it.each(['localhost', '127.0.0.1:1', '[::1]', '10.0.0.7:8000', 'backend:8000', 'api.desk.example'])(
    '%s is answered',
    async (host) => {
      expect(await status(host)).toBe(200);
      const port = new URL(platform.backend.metrics).port;
      expect((await sendRaw(head('GET /healthz', [`Host: ${host}`]), port)).status).toBe(200);
    },
  );

  it('of a WebSocket is checked too', async () => {
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${'a'.repeat(22)}==`,
    ];
    const text = `GET /api/v1/stream HTTP/1.1\r\nHost: evil.example\r\n${upgrade.join('\r\n')}\r\n\r\n`;
    expectProblem(await sendRaw(text), 421, 'host-not-allowed');
  });
});

describe('the header Origin', () => {
  const changes = [
    'POST /api/v1/pipelines',
    'POST /api/v1/pipelines/nobody/run',
    'POST /api/v1/pipelines/nobody/pause',
    'PUT /api/v1/pipelines/nobody',
    'PATCH /api/v1/pipelines/nobody',
    'DELETE /api/v1/pipelines/nobody',
    'DELETE /api/v1/cluster/pipelines/a.b',
  ];

  it.each(changes)('of another site is refused: %s', async (request) => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://desk.example.evil.example']) {
      expectProblem(await platform.call(request, undefined, { origin }), 403, 'origin-not-allowed');
    }
  });

  it('of the API itself, of a configured site, or none at all is accepted', async () => {
    for (const origin of [platform.backend.api, 'https://desk.example', undefined]) {
      const { status } = await platform.call('POST /api/v1/pipelines', body, origin === undefined ? {} : { origin });
      expect([origin, status]).toEqual([origin, 201]);
    }
  });

  it('does not matter for reading', async () => {
    const answer = await platform.call('GET /api/v1/portfolio', undefined, { origin: 'https://evil.example' });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });
});
