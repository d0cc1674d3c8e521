import { afterEach, expect, it, vi } from 'vitest';
import type { StackContext } from '../stack-context.ts';
import { listPlatform } from './platform-entries.ts';

afterEach(() => vi.unstubAllEnvs());

async function environmentOf(name: string) {
  const settings = {
    ports: { API: 8000, BACKEND_METRICS: 8001 },
    postgresPassword: 'p',
    servicePasswords: { backend: 'b', 'celery-worker': 'w', 'trigger-dispatcher': 'd' },
    pipelinesApiToken: 't',
  };
  const entries = listPlatform({ settings, paths: { root: '/nowhere' } } as unknown as StackContext);
  const { server } = (await entries.find((entry) => entry.name === name)?.process?.build()) ?? {};
  return server?.environment ?? {};
}

it('serves /metrics on the port of the API too, unless the caller switches it off', async () => {
  expect(await environmentOf('backend')).toMatchObject({ API_PORT: '8000', METRICS_ON_API: 'true' });
  expect(await environmentOf('celery-worker')).not.toHaveProperty('METRICS_ON_API');
  vi.stubEnv('METRICS_ON_API', 'false');
  expect(await environmentOf('backend')).toMatchObject({ METRICS_ON_API: 'false' });
});
