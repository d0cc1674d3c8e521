import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { metricsEmittedBy } from '#catalogue/metrics.ts';
import { resources } from '#controller/api/resources.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { connectAdmin, createNamespace, rbacManifest, settled, tradingPipeline, until } from './operator-under-test.ts';

const root = join(import.meta.dirname, '..', '..');

describe('the controller as a process', () => {
  let process_: ChildProcess;
  let output = '';
  let address = '';
  const { kubeconfigs } = inject('apiServer');
  const admin = connectAdmin(kubeconfigs.admin);
  let namespace: string;

  beforeAll(async () => {
    await applyManifests(admin, readManifests(rbacManifest));
    namespace = await createNamespace(admin);
    const env = {
      ...process.env,
      KUBECONFIG: kubeconfigs.controller,
      NAMESPACES: namespace,
      METRICS_HOST: '127.0.0.1',
      METRICS_PORT: '0',
    };
    process_ = spawn(process.execPath, ['controller/main.ts'], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process_.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    const port = await until(15_000, 'it says its port', async () => /"port":(\d+)/.exec(output)?.[1]);
    address = `http://127.0.0.1:${port}`;
  });
  afterAll(() => {
    process_.kill('SIGKILL');
    admin.close();
  });

  const get = async (path: string) => {
    const response = await fetch(address + path);
    return { status: response.status, text: await response.text() };
  };

  it('is ready once its caches are synced', async () => {
    await until(10_000, '/readyz says yes', async () => (await get('/readyz')).status === 200);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('shows every metric the catalogue gives it, and counts', async () => {
    await admin.apply(
      resources.tradingPipeline,
      tradingPipeline(namespace, 'counted', { services: [{ name: 'backend' }] }),
    );
    await settled(admin, namespace, 'counted');
    const { text } = await get('/metrics');
    for (const name of metricsEmittedBy('controller')) expect(text).toContain(`# TYPE ${name} `);
    expect(text).toMatch(/tradingpipeline_controller_reconciles_total\{result="success"\} [1-9]/);
    expect(text).toContain('tradingpipeline_controller_resources{ready="False"} 1');
    expect(text).toMatch(/tradingpipeline_controller_api_requests_total\{verb="apply",code="201"\} [1-9]/);
    expect(text).toContain('tradingpipeline_controller_watch_age_seconds{resource="services"}');
  });

  it('ends on SIGTERM with exit code 0', async () => {
    process_.kill('SIGTERM');
    // 'close' comes after the last of its output, 'exit' may come before.
    const [code] = await once(process_, 'close');
    expect(code).toBe(0);
    expect(output).toContain('"message":"stopped"');
  });
});
