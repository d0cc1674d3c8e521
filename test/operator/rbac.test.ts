import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { FIELD_MANAGER, labels } from '#controller/api/names.ts';
import { generatedResources, resources } from '#controller/api/resources.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import { isNotFound } from '#controller/kube/kube-error.ts';
import type { RequestRecord } from '#controller/kube/kube-transport.ts';
import { readManifests } from '#local/stack/apply-manifests.ts';
import {
  connectAdmin,
  createNamespace,
  LEASE_NAMESPACE,
  type OperatorUnderTest,
  rbacManifest,
  settled,
  startOperator,
  tradingPipeline,
  until,
  untilCondition,
} from './operator-under-test.ts';

interface PolicyRule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

function grantedRights(): string[] {
  const roles = readManifests(rbacManifest).filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  return (roles as unknown as { rules: PolicyRule[] }[])
    .flatMap(({ rules }) => rules)
    .flatMap((rule) =>
      rule.apiGroups.flatMap((group) =>
        rule.resources.flatMap((one) => rule.verbs.map((verb) => `${verb} ${group}/${one}`)),
      ),
    );
}

/** The rights a request needs: server-side apply is `patch`, and `create` when it makes the object. */
function usedRights({ verb, path, code }: RequestRecord): string[] {
  const [, group = '', plural, sub] =
    /^\/(?:api|apis\/([^/]+))\/v\w+(?:\/namespaces\/[^/]+)?\/(\w+)(?:\/[^/]+(\/\w+)?)?$/.exec(path) ?? [];
  const verbs = verb === 'apply' ? ['patch', ...(code === 201 ? ['create'] : [])] : [verb];
  return verbs.map((one) => `${one} ${group}/${plural}${sub ?? ''}`);
}

const ours = `${labels.managedBy}=${FIELD_MANAGER}`;

/** Somebody else puts their label on objects of these names: they are made where there are none, and taken away from us. */
async function takeNames(admin: KubeClient, namespace: string, names: readonly string[]): Promise<void> {
  const contents = [{ spec: { selector: {}, endpoints: [] } }, { spec: { groups: [] } }, { data: { theirs: 'yes' } }];
  for (const [index, resource] of generatedResources.entries()) {
    const { apiVersion, kind } = resource;
    const metadata = { namespace, name: names[index] ?? '', labels: { [labels.managedBy]: 'somebody' } };
    const object = { apiVersion, kind, metadata, ...contents[index] };
    await admin.apply(resource, object);
  }
}

/** One of an earlier test would leave nothing to create. */
async function removeLease(kubeconfig: string): Promise<void> {
  const admin = connectAdmin(kubeconfig);
  const at = { namespace: LEASE_NAMESPACE, name: FIELD_MANAGER };
  await admin.delete(resources.lease, at).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  admin.close();
}

describe('the role of the controller', () => {
  let operator: OperatorUnderTest;
  let namespace: string;
  beforeAll(async () => {
    const { kubeconfigs } = inject('apiServer');
    await removeLease(kubeconfigs.admin);
    const lease = { name: FIELD_MANAGER, timing: { durationMs: 2_000, renewDeadlineMs: 1_500, retryMs: 100 } };
    operator = await startOperator(kubeconfigs, undefined, { lease });
    namespace = await createNamespace(operator.admin);
  });
  afterAll(() => operator.stop());

  it('is enough for all it does, and holds nothing it does not use', async () => {
    const spec = { services: [{ name: 'backend' }], alerts: {}, dashboards: { include: ['overview'] } };
    const names = (name: string) => [`${name}.backend`, name, `${name}.dashboard-overview`];
    await takeNames(operator.admin, namespace, names('taken'));
    await operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'taken', spec));
    await untilCondition(operator.admin, { namespace, name: 'taken' }, 'Conflict', { status: 'True' });
    await operator.admin.delete(resources.tradingPipeline, { namespace, name: 'taken' });

    await operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'rights', spec));
    await settled(operator.admin, namespace, 'rights');
    await takeNames(operator.admin, namespace, names('rights'));
    await until(5_000, 'what was edited is put right', async () => operator.repaired.length >= 3);
    await operator.admin.delete(resources.tradingPipeline, { namespace, name: 'rights' });
    for (const resource of generatedResources) {
      await until(
        2_000,
        `no ${resource.kind} is left`,
        async () => (await operator.admin.list(resource, { namespace, labelSelector: ours })).items.length === 0,
      );
    }
    const isLease = ({ verb, path }: RequestRecord) => verb === 'update' && path.includes('/leases/');
    await until(2_000, 'the lease is renewed', async () => operator.requests.some(isLease));
    const codes = new Set(operator.requests.map(({ code }) => code));
    expect(codes).not.toContain(403);
    const used = new Set(operator.requests.flatMap(usedRights));
    expect([...used].sort()).toEqual(grantedRights().sort());
  });

  it('has no wildcard and no secrets', () => {
    expect(grantedRights().filter((right) => right.includes('*') || right.includes('secrets'))).toEqual([]);
  });
});
