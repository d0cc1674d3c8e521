import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { generatedResources, type KubeObject, resources } from '#controller/api/kube-object.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import { cli } from './cli-under-test.ts';
import {
  createNamespace,
  type OperatorUnderTest,
  settled,
  startOperator,
  tradingPipeline,
} from './operator-under-test.ts';

const { kubeconfigs } = inject('apiServer');
/**
 * Removes TradingPipelines that other tests left: an older TradingPipeline would own the plain dashboard name, and
 * `render` cannot know that.
 */
async function removePipelines(admin: KubeClient): Promise<void> {
  const { items } = await admin.list<KubeObject>(resources.tradingPipeline);
  await Promise.all(items.map(({ metadata }) => admin.delete(resources.tradingPipeline, metadata)));
}

const spec = { services: [{ name: 'backend' }], alerts: {}, dashboards: { include: ['overview'] } };

describe('render and diff, against a cluster', () => {
  let operator: OperatorUnderTest;
  let namespace: string;
  beforeAll(async () => {
    operator = await startOperator(kubeconfigs);
    await removePipelines(operator.admin);
    namespace = await createNamespace(operator.admin);
    await operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'desk', spec));
    await settled(operator.admin, namespace, 'desk');
  });
  afterAll(() => operator.stop());

  const text = (changed: object = {}, name = 'desk') =>
    JSON.stringify(tradingPipeline(namespace, name, { ...spec, ...changed }));
  const diff = (input: string, ...more: string[]) =>
    cli(['diff', '-', '--kubeconfig', kubeconfigs.admin, ...more], input);

  it('renders exactly what the controller has applied', async () => {
    const { metadata } = await operator.admin.get(resources.tradingPipeline, { namespace, name: 'desk' });
    const { code, out, err } = await cli(['render', '-', '--uid', metadata.uid!], text());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const rendered = parseAllDocuments(out).map((document) => document.toJS() as KubeObject);
    expect(rendered).toHaveLength(3);
    for (const object of rendered) {
      const resource = generatedResources.find(({ kind }) => kind === object.kind)!;
      const live = await operator.admin.get(resource, object.metadata);
      expect(live).toMatchObject(object as object);
    }
  });

  it('prints nothing if nothing would change', async () => {
    expect(await diff(text())).toEqual({ code: 0, out: '', err: '' });
  });

  it('shows what would change, and changes nothing', async () => {
    const wanted = text({
      services: [{ name: 'celery-worker' }],
      alerts: { rules: { HighPipelineFailureRate: { threshold: 0.25 } } },
    });
    const { code, out } = await diff(wanted, '-o', 'json');
    expect(code).toBe(1);
    const { changes } = JSON.parse(out) as { changes: { change: string; kind: string; name: string; diff: string }[] };
    expect(changes.map(({ change, kind, name }) => `${change} ${kind} ${name}`).sort()).toEqual([
      'create ServiceMonitor desk.celery-worker',
      'delete ServiceMonitor desk.backend',
      'update ConfigMap desk.dashboard-overview',
      'update PrometheusRule desk',
    ]);
    expect(changes.find(({ kind }) => kind === 'PrometheusRule')?.diff).toMatch(/^\+.*> 0\.25$/m);
    expect((await diff(text())).code).toBe(0);
  });

  it('shows every line of an object that would be created', async () => {
    const { code, out } = await diff(text({ services: [{ name: 'signal-generator' }], alerts: undefined }, 'other'));
    expect(code).toBe(1);
    expect(out).toContain(`--- /dev/null\n+++ wanted ServiceMonitor ${namespace}/other.signal-generator\n`);
  });

  it('reports an object whose name is taken', async () => {
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'third.dashboard-overview' },
    };
    await operator.admin.apply(resources.configMap, configMap);
    const { code, out } = await diff(text({ services: [] }, 'third'));
    expect(code).toBe(1);
    expect(out).toContain(`ConfigMap ${namespace}/third.dashboard-overview exists and was not made for this resource`);
  });

  it('exits with 2 if another resource claims the service, or if there is no kubeconfig', async () => {
    const claimed = await diff(text({}, 'late'));
    expect(claimed.code).toBe(2);
    expect(claimed.err).toContain('backend is watched by the older TradingPipeline desk');
    const missing = await cli(['diff', '-', '--kubeconfig', '/nowhere'], text());
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('/nowhere');
  });
});
