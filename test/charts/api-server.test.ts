import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { generatedResources, type KubeObject, type Resource, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { chartFolder } from '#tools/chart/stage-chart.ts';
import { settled, startOperator, tradingPipeline } from '../operator/operator-under-test.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';
import {
  describeObject,
  installations,
  type Manifest,
  NAMESPACE,
  renderChart,
  runHelm,
  useStagedChart,
} from './helm.ts';

const chart = useStagedChart();
const pods: Resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

/** Derives the API resource of an object from its kind. This works because the plurals of all kinds in the chart are regular. */
function resourceOfKind({ apiVersion, kind, metadata }: KubeObject): Resource {
  const plural = kind.toLowerCase().replace(/y$/, 'ie').replace(/s$/, 'se');
  return { apiVersion, kind, plural: `${plural}s`, namespaced: metadata.namespace !== undefined };
}

describe('a real API server', () => {
  let admin: KubeClient;
  let kubeconfig: string;
  const helm = (...args: string[]) => runHelm([...args, '--namespace', NAMESPACE], kubeconfig);
  const passwordOf = async (secret: string, key = 'password') => {
    const { data } = (await admin.get(resources.secret, { namespace: NAMESPACE, name: secret })) as Manifest;
    return Buffer.from(data[key], 'base64').toString();
  };

  beforeAll(async () => {
    kubeconfig = inject('apiServer').kubeconfigs.admin;
    admin = new KubeClient({ connection: readKubeConnection(kubeconfig), fieldManager: 'test' });
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await admin.apply(resources.namespace, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, labels },
    });
  });
  afterAll(() => admin.close());

  it.each(installations)('accepts every object of the chart with %s', async (_, values) => {
    const objects = await renderChart(chart(), values);
    for (const object of objects) {
      const taken = admin.apply(resourceOfKind(object), object, { dryRun: true });
      await expect(taken, describeObject(object)).resolves.toMatchObject({ kind: object.kind });
    }
  });

  it('accepts every pod in a namespace that enforces the restricted Pod Security Standard', async () => {
    const objects = await renderChart(chart());
    const workloads = objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind));
    expect(workloads).toHaveLength(10);
    for (const { metadata, spec } of workloads) {
      // in a cluster, the StatefulSet controller adds this volume to the pods
      const data = { name: 'data', emptyDir: {} };
      const volumes = [...(spec.template.spec.volumes ?? []), ...(spec.volumeClaimTemplates ? [data] : [])];
      const pod = { metadata: { name: metadata.name, namespace: NAMESPACE }, spec: { ...spec.template.spec, volumes } };
      const taken = admin.apply(pods, { apiVersion: 'v1', kind: 'Pod', ...pod } as KubeObject, { dryRun: true });
      await expect(taken, metadata.name).resolves.toMatchObject({ kind: 'Pod' });
    }
  });

  it('keeps passwords on upgrade; on uninstall, it keeps the password of Postgres, because the volume stays', async () => {
    // there is no node to run pods, so hooks would never end; test/cluster tests Jobs and pods
    await helm('install', 'trading-platform', chart(), '--no-hooks');
    const before = { postgres: await passwordOf('postgres'), redis: await passwordOf('redis') };
    const set = 'tradingPipeline.spec.alerts.rules.HighPipelineFailureRate.threshold=0.3';
    await helm('upgrade', 'trading-platform', chart(), '--no-hooks', '--set-json', set);
    expect({ postgres: await passwordOf('postgres'), redis: await passwordOf('redis') }).toEqual(before);
    expect(await passwordOf('postgres', 'url')).toContain(before.postgres);
    const pipeline = { namespace: NAMESPACE, name: 'platform' };
    const { spec } = (await admin.get(resources.tradingPipeline, pipeline)) as Manifest;
    expect(spec.alerts.rules.HighPipelineFailureRate.threshold).toBe(0.3);

    await helm('uninstall', 'trading-platform', '--no-hooks');
    await expect(passwordOf('redis')).rejects.toThrow('not found');
    await helm('install', 'trading-platform', chart(), '--no-hooks');
    expect(await passwordOf('postgres')).toBe(before.postgres);
    await helm('uninstall', 'trading-platform', '--no-hooks');
  });

  it('updates the CRD with the script and the rights of the upgrade Job', async () => {
    const name = 'tradingpipelines.trading-platform.dev';
    const crd = (await admin.get(resources.customResourceDefinition, { name })) as Manifest;
    const old = { apiVersion: crd.apiVersion, kind: crd.kind, metadata: { name }, spec: structuredClone(crd.spec) };
    old.spec.versions[0].additionalPrinterColumns = [];
    await admin.apply(resources.customResourceDefinition, old);

    const objects = await renderChart(chart());
    const hooks = objects.filter(
      ({ metadata, kind }) => /crd-upgrade$/.test(metadata.name) && /Account|Role/.test(kind),
    );
    for (const hook of hooks) await admin.apply(resourceOfKind(hook), hook);
    await applyCrdAs('crd-upgrade', name);
    for (const hook of hooks) await admin.delete(resourceOfKind(hook), hook.metadata);
    const now = (await admin.get(resources.customResourceDefinition, { name })) as Manifest;
    expect(now.spec.versions[0].additionalPrinterColumns).toEqual(crd.spec.versions[0].additionalPrinterColumns);
  });

  it('gives the operator no right outside of controller.namespaces, except to read Prometheus objects and namespaces', async () => {
    const { kubeconfigs } = inject('apiServer');
    const values = { set: { 'controller.namespaces': ['desk-a', 'desk-b'] } };
    for (const name of ['desk-a', 'desk-b', 'other'])
      await admin.apply(resources.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const objects = await renderChart(chart(), values);
    const rights = objects.filter(
      ({ metadata, kind }) => /controller/.test(metadata.name) && /Role|ValidatingAdmissionPolicy/.test(kind),
    );
    for (const object of rights) await admin.apply(resourceOfKind(object), object);
    const client = new KubeClient({
      connection: readKubeConnection(kubeconfigs.controller),
      fieldManager: FIELD_MANAGER,
    });
    const readable = async (kind: Resource, namespace?: string) =>
      client.list(kind, { namespace }).then(
        () => true,
        ({ code }) => code !== 403,
      );
    for (const kind of [...generatedResources, resources.tradingPipeline, resources.service]) {
      const where = [undefined, 'other', NAMESPACE, 'desk-a', 'desk-b'];
      const found = await Promise.all(where.map((namespace) => readable(kind, namespace)));
      expect(found, kind.kind).toEqual([false, false, false, true, true]);
    }
    expect(await Promise.all([resources.prometheus, resources.namespace].map((kind) => readable(kind)))).toEqual([
      true,
      true,
    ]);
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'other', name: 'theirs' } };
    await expect(client.apply(resources.configMap, theirs)).rejects.toMatchObject({ code: 403 });

    const spec = { services: [{ name: 'backend' }], dashboards: { include: ['overview'] } };
    const operator = await startOperator(kubeconfigs, ['desk-a', 'desk-b'], { hasRights: true });
    try {
      await admin.apply(resources.tradingPipeline, tradingPipeline('desk-b', 'narrow', spec));
      const { status } = await settled(admin, 'desk-b', 'narrow');
      expect(status?.resources).toHaveLength(2);
      expect(operator.requests.filter(({ code }) => code === 403)).toEqual([]);
    } finally {
      await operator.stop();
      client.close();
      await admin.delete(resources.tradingPipeline, { namespace: 'desk-b', name: 'narrow' });
      for (const object of rights) await admin.delete(resourceOfKind(object), object.metadata);
    }
  });

  /** Runs the script of the Job that upgrades the CRD, with the token of a service account. */
  async function applyCrdAs(account: string, crd: string): Promise<void> {
    const folder = makeTestFolder('crd');
    const tokens: Resource = { ...pods, plural: `serviceaccounts/${account}/token` };
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { namespace: NAMESPACE, name: '' },
    };
    const { status } = (await admin.create(tokens, request)) as Manifest;
    writeFileSync(join(folder, 'token'), status.token);
    const { tls } = await readKubeConnection(kubeconfig).credentials();
    writeFileSync(join(folder, 'ca.crt'), String(tls.ca));
    const environment = {
      API_SERVER: admin.server.href,
      CRD_NAME: crd,
      CRD_FILE: join(chartFolder, 'crds', 'trading-platform.dev_tradingpipelines.yaml'),
      TOKEN_FILE: join(folder, 'token'),
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt'),
    };
    try {
      const script = join(chartFolder, 'files', 'apply-crd.mjs');
      await promisify(execFile)(process.execPath, [script], { env: { ...process.env, ...environment } });
    } finally {
      removeTestFolder(folder);
    }
  }
});
