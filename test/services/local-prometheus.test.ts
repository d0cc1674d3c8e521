import { afterAll, expect, it } from 'vitest';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';

let prometheus: TestPrometheus | undefined;
afterAll(() => prometheus?.stop());

it('lets pages of this machine read metrics, and no other page', async () => {
  prometheus = await preparePrometheus();
  await prometheus.start();
  const allowed = async (origin: string) =>
    (await fetch(`${prometheus?.url}/api/v1/query?query=1`, { headers: { origin } })).headers.get(
      'access-control-allow-origin',
    );
  expect(await allowed('http://localhost:3000')).toBe('http://localhost:3000');
  expect(await allowed('http://evil.example')).toBeNull();
  expect(await allowed('http://localhost.evil.example')).toBeNull();
});
