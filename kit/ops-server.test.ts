import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpsServer, startOpsServer } from './ops-server.ts';

describe('startOpsServer', () => {
  let server: OpsServer;
  let scrape: () => Promise<string>;
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

  beforeEach(async () => {
    scrape = async () => 'a_metric 1\n';
    server = await startOpsServer({ host: '127.0.0.1', port: 0, scrape: () => scrape() });
  });
  afterEach(() => server.stop());

  it('serves the metrics as Prometheus wants them', async () => {
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toBe('a_metric 1\n');
  });

  it('is ready when every check holds, and names the ones that do not', async () => {
    server.addCheck('kafka', () => undefined);
    expect((await get('/readyz')).status).toBe(200);
    server.addCheck('database', () => Promise.reject(new Error('connection refused')));
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('database: Error: connection refused\n');
  });

  it('is alive but not ready while it drains', async () => {
    server.drain();
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('answers 500 when the metrics cannot be collected, 404 elsewhere and 405 for other methods', async () => {
    scrape = () => Promise.reject(new Error('no reader'));
    expect((await get('/metrics')).status).toBe(500);
    expect((await get('/metric')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  });

  it('says so when the port is taken', async () => {
    await expect(startOpsServer({ host: '127.0.0.1', port: server.port, scrape })).rejects.toThrow('EADDRINUSE');
  });
});
