import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { definition, type Platform, startPlatform } from './backend-platform.ts';
import { anyRequest, type Document, listHostileReads, type RandomRequest } from './random-requests.ts';

/** RANDOM_REQUESTS=5000 SEED=1 tries more requests, and others. */
const RUNS = Number(process.env.RANDOM_REQUESTS ?? 600);
const SEED = Number(process.env.SEED ?? 20_261_201);
const KNOWN = ['known', 'known-too'];
let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform({ API_RATE_LIMIT_PER_MINUTE: '1000000' });
});
afterAll(() => platform?.stop());

async function send({ method, target, body }: Pick<RandomRequest, 'method' | 'target' | 'body'>) {
  const response = await fetch(`${platform.backend.api}${target}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
}

it('every parameter of every list and figure takes or refuses each hostile value', async () => {
  const document = (await platform.call('GET /openapi.json')).body as Document;
  const targets = listHostileReads(document, 'known');
  expect(targets.length).toBeGreaterThan(500);
  const wrong: string[] = [];
  for (const target of targets) {
    const { status, type, text } = await send({ method: 'GET', target, body: undefined });
    const isRight = status < 400 || (status < 500 && type.startsWith('application/problem+json'));
    if (!isRight) wrong.push(`${target.slice(0, 200)} ${status} ${text.slice(0, 200)}`);
  }
  expect(wrong).toEqual([]);
}, 120_000);

it('random requests made from the OpenAPI document get a documented status, never 500, and errors are problems', async () => {
  for (const pipeline_id of KNOWN)
    expect((await platform.call('POST /api/v1/pipelines', { pipeline_id, name: 'known', ...definition })).status).toBe(
      201,
    );
  const document = (await platform.call('GET /openapi.json')).body as Document;
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(anyRequest(document, KNOWN), async (request) => {
      const { status, type, text } = await send(request);
      seen.add(`${request.method} ${request.route} ${status < 400}`);
      expect(status, text).toBeLessThan(500);
      if (status < 400) {
        expect(request.documented).toContain(String(status));
      } else {
        expect(type).toMatch(/^application\/problem\+json/);
        expect(JSON.parse(text)).toMatchObject({ status });
      }
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: true },
  );
  // the requests reach the code behind the checks
  expect([...seen].filter((key) => key.endsWith(' true')).length).toBeGreaterThan(10);
  expect([...seen].filter((key) => key.endsWith(' false')).length).toBeGreaterThan(10);
}, 120_000);
