import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient, HttpError } from './http-client.ts';

describe('HttpClient', () => {
  let server: Server;
  let answer: RequestListener;
  let client: HttpClient;
  const address = (credentials = '') => `http://${credentials}127.0.0.1:${(server.address() as AddressInfo).port}`;
  const getText = (path: string) => client.exchange(path, {}, (received) => received.text());
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.unreachable(),
      (error: HttpError) => error,
    );

  beforeEach(async () => {
    answer = (_request, response) => response.end('ok');
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new HttpClient(`${address('user:pass%20word@')}/base/`, { timeoutMs: 2_000, maxTextLength: 20 });
  });
  afterEach(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });

  it('sends method, path below the base URL, headers, body and basic authorization', async () => {
    const seen: unknown[] = [];
    answer = async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const { authorization, 'x-desk': desk } = request.headers;
      seen.push([request.method, request.url, authorization, desk, body]);
      response.end();
    };
    const request = { method: 'PUT', headers: { 'x-desk': 'alpha' }, body: '{}' };
    await client.exchange('/things?page=1', request, (received) => received.text());
    const authorization = `Basic ${Buffer.from('user:pass word').toString('base64')}`;
    expect(seen).toEqual([['PUT', '/base/things?page=1', authorization, 'alpha', '{}']]);
  });

  it('returns a response of any status, with its Retry-After in milliseconds', async () => {
    answer = (_request, response) => response.writeHead(503, { 'retry-after': '3' }).end('busy');
    const read = await client.exchange('/', {}, async (received) => [
      received.status,
      received.retryAfterMs,
      await received.text(),
    ]);
    expect(read).toEqual([503, 3_000, 'busy']);
  });

  it('decodes a character that is split between two chunks', async () => {
    answer = (_request, response) => {
      response.write(Buffer.from('é').subarray(0, 1));
      setTimeout(() => response.end(Buffer.from('é').subarray(1)), 20);
    };
    expect(await getText('/')).toBe('é');
  });

  it('names method, status and URL of a failure, without credentials and query', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.destroy(), 20);
    };
    const { message, reason, status } = await failure(getText('/things?token=secret'));
    expect([message, status]).toEqual([`GET ${address()}/base/things: status 200, then ${reason}`, 200]);
    expect(`${client.address} ${message}`).not.toMatch(/user|pass|secret/);
  });

  it('says why the server cannot be reached', async () => {
    const closed = address();
    await new Promise((resolve) => server.close(resolve));
    const unreachable = new HttpClient(closed, { timeoutMs: 2_000 });
    const { message, status } = await failure(unreachable.exchange('/x', {}, (received) => received.text()));
    expect([message, status]).toEqual([`GET ${closed}/x: ECONNREFUSED`, undefined]);
  });

  it('limits the time of the whole exchange', async () => {
    answer = (_request, response) => void response.writeHead(200).write('half');
    const hasty = new HttpClient(address(), { timeoutMs: 50 });
    const { reason } = await failure(hasty.exchange('/', {}, (received) => received.text()));
    expect(reason).toBe('no answer within 0.05 s');
    hasty.close();
  });

  it('refuses a body that is longer than its limit', async () => {
    answer = (_request, response) => response.end('x'.repeat(21));
    expect((await failure(getText('/'))).reason).toBe('the answer is longer than 20 characters');
  });

  it('passes on the errors of the reader, and works again afterwards', async () => {
    const refuse = () => Promise.reject(new RangeError('not like this'));
    await expect(client.exchange('/', {}, refuse)).rejects.toThrow(RangeError);
    expect(await getText('/')).toBe('ok');
  });

  it('ends when the caller aborts', async () => {
    answer = () => undefined;
    const abort = new AbortController();
    const asking = failure(client.exchange('/', { abort: abort.signal }, (received) => received.text()));
    abort.abort();
    expect(await asking).toBeInstanceOf(HttpError);
  });

  it.each(['ftp://127.0.0.1', 'prometheus:9090'])('refuses %s as an address', (wrong) => {
    expect(() => new HttpClient(wrong, { timeoutMs: 1 })).toThrow(TypeError);
  });
});
