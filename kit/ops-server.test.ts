import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpsServer, startOpsServer } from './ops-server.ts';
import type { Scrape } from './telemetry/telemetry.ts';

describe('startOpsServer', () => {
  let server: OpsServer;
  let scrape: Scrape;
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

  /** Returns the response with its body still compressed, whereas fetch() would decompress the body. */
  const getRaw = async (path: string, headers: Record<string, string>) => {
    const [response] = (await once(request({ port: server.port, path, headers }).end(), 'response')) as [
      IncomingMessage,
    ];
    const body = Buffer.concat(await response.toArray());
    return { status: response.statusCode, headers: response.headers, body };
  };

  beforeEach(async () => {
    scrape = async (accept) => ({ contentType: `text/${accept?.includes('openmetrics')}`, body: 'a_metric 1\n' });
    server = await startOpsServer({ host: '127.0.0.1', port: 0, scrape: (accept) => scrape(accept) });
  });
  afterEach(() => server.stop());

  it('serves the metrics in the format that the Accept header asks for', async () => {
    const response = await get('/metrics', { headers: { accept: 'application/openmetrics-text' } });
    expect(response.headers.get('content-type')).toBe('text/true');
    expect(response.headers.get('vary')).toBe('Accept, Accept-Encoding');
    expect(await response.text()).toBe('a_metric 1\n');
  });

  it.each(['gzip', 'deflate, gzip;q=0.5'])('compresses the metrics if the client accepts %s', async (coding) => {
    const { status, headers, body } = await getRaw('/metrics', { 'accept-encoding': coding });
    expect([status, headers['content-encoding']]).toEqual([200, 'gzip']);
    expect(gunzipSync(body).toString()).toBe('a_metric 1\n');
  });

  it.each(['identity', 'gzip;q=0', 'br'])(
    'does not compress the metrics if the client accepts only %s',
    async (coding) => {
      const { headers, body } = await getRaw('/metrics', { 'accept-encoding': coding });
      expect([headers['content-encoding'], body.toString()]).toEqual([undefined, 'a_metric 1\n']);
    },
  );

  it('is ready if every check passes, and names the checks that fail', async () => {
    server.addCheck('kafka', () => undefined);
    expect((await get('/readyz')).status).toBe(200);
    server.addCheck('database', () => Promise.reject(new Error('connection refused')));
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('database: Error: connection refused\n');
  });

  it('is alive but not ready after drain', async () => {
    server.drain();
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('answers 500 if the metrics cannot be collected, 404 on other paths and 405 for other methods', async () => {
    scrape = () => Promise.reject(new Error('no reader'));
    expect((await get('/metrics')).status).toBe(500);
    expect((await get('/metric')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  });

  it('fails to start if the port is taken', async () => {
    await expect(startOpsServer({ host: '127.0.0.1', port: server.port, scrape })).rejects.toThrow('EADDRINUSE');
  });
});
