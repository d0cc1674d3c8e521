import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { metricsEmittedBy } from '#catalogue/metrics.ts';
import { type ControllerProcess, startControllerProcess } from './controller-process.ts';
import { until } from './operator-under-test.ts';
import { useCluster } from './use-operator.ts';

describe('the controller as a process', () => {
  const cluster = useCluster();
  let controller: ControllerProcess;
  beforeEach(async () => {
    const { kubeconfigs } = inject('apiServer');
    controller = await startControllerProcess({
      KUBECONFIG: kubeconfigs.controller,
      NAMESPACES: cluster.namespace,
      LEADER_ELECTION: 'false',
    });
  });
  afterEach(() => controller?.end('SIGKILL'));

  const isReady = () => until(10_000, 'it is ready', async () => (await controller.status('/readyz')) === 200);

  it('is ready once its caches are synced', async () => {
    await isReady();
    expect(await controller.status('/healthz')).toBe(200);
  });

  it('exposes every metric that the catalogue lists for the controller, and counts reconciles', async () => {
    await cluster.apply('counted', { services: [{ name: 'backend' }] });
    await cluster.settled('counted');
    const text = await controller.text('/metrics');
    for (const name of metricsEmittedBy('controller')) expect(text).toContain(`# TYPE ${name} `);
    expect(text).toMatch(/tradingpipeline_controller_reconciles_total\{result="success"\} [1-9]/);
    expect(text).toContain('tradingpipeline_controller_resources{ready="False"} 1');
    expect(text).toMatch(/tradingpipeline_controller_api_requests_total\{verb="apply",code="201"\} [1-9]/);
    expect(text).toContain('tradingpipeline_controller_watch_age_seconds{resource="services"}');
  });

  it('ends on SIGTERM with exit code 0', async () => {
    // Before it is ready, the process may not handle signals yet.
    await isReady();
    expect(await controller.end('SIGTERM')).toBe(0);
    expect(controller.output()).toContain('"message":"stopped"');
  });
});
