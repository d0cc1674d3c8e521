import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definition, type Platform, startPlatform } from './backend-platform.ts';

const LIMIT = 8;
let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ API_TRUST_PROXY: 'true', API_RATE_LIMIT_PER_MINUTE: String(LIMIT) });
});
afterAll(() => platform?.stop());

/** Requests as a proxy passes them on: it adds the client's address to those that the client wrote itself. */
async function countAnswered(forwarded: (request: number) => string): Promise<number> {
  const statuses: number[] = [];
  for (let request = 0; request < LIMIT + 4; request += 1) {
    const headers = { 'x-forwarded-for': forwarded(request) };
    statuses.push((await fetch(`${platform.backend.api}/api/v1/portfolio`, { headers })).status);
  }
  return statuses.filter((status) => status === 200).length;
}

describe('behind a proxy', () => {
  it('a client has one limit, whatever addresses it writes into X-Forwarded-For itself', async () => {
    expect(await countAnswered((request) => `198.51.100.${request}, 203.0.113.7`)).toBe(LIMIT);
  });

  it('clients have limits of their own', async () => {
    expect(await countAnswered((request) => `203.0.113.${100 + request}`)).toBe(LIMIT + 4);
  });

  it('the addresses of one IPv6 network share a limit', async () => {
    expect(await countAnswered((request) => `2001:db8:0:7::${request + 1}`)).toBe(LIMIT);
  });
});

describe('the type of a body', () => {
  it.each([
    'application/json\ta',
    'application/json\t; x=y',
    'ApPlIcAtIoN/JsOn\tfoo',
    'application/json x',
    'application/v1+json',
    'text/plain',
    ' application/json ; charset=utf-16',
  ])('%j does not pass a wrong body by the checks', async (type) => {
    const body = JSON.stringify({ ...definition, name: '' });
    const response = await fetch(`${platform.backend.api}/api/v1/pipelines`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, 'x-forwarded-for': `192.0.2.${type.length}` },
    });
    expect([400, 415]).toContain(response.status);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it.each(['7', '"x"', '[]', 'true', 'null'])('%s in place of an object is refused', async (body) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': `192.0.2.2${body.length}` };
    const response = await fetch(`${platform.backend.api}/api/v1/pipelines`, { method: 'POST', body, headers });
    expect(response.status).toBe(400);
  });
});
