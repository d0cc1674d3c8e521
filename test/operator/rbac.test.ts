import { describe, expect, inject, it } from 'vitest';
import {
  generatedResources,
  type KubeObject,
  type ObjectName,
  type Resource,
  resources,
} from '#controller/api/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, KIND, labels } from '#controller/api/names.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { isNotFound } from '#controller/kube/kube-error.ts';
import type { RequestRecord } from '#controller/kube/kube-transport.ts';
import { readManifests } from '#local/stack/apply-manifests.ts';
import { LEASE_NAMESPACE, rbacManifest, until } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

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

/** Returns the permissions that a request needs. Server-side apply needs `patch`, and also `create` if it creates the object. */
function usedRights({ verb, path, code }: RequestRecord): string[] {
  const [, group = '', plural, sub] =
    /^\/(?:api|apis\/([^/]+))\/v\w+(?:\/namespaces\/[^/]+)?\/(\w+)(?:\/[^/]+(\/\w+)?)?$/.exec(path) ?? [];
  const verbs = verb === 'apply' ? ['patch', ...(code === 201 ? ['create'] : [])] : [verb];
  return verbs.map((one) => `${one} ${group}/${plural}${sub ?? ''}`);
}

const ours = `${labels.managedBy}=${FIELD_MANAGER}`;

/**
 * As another field manager, sets the managed-by label on the objects with these names. Creates objects that do not
 * exist.
 */
async function takeNames(admin: KubeClient, namespace: string, names: readonly string[]): Promise<void> {
  const contents = [{ spec: { selector: {}, endpoints: [] } }, { spec: { groups: [] } }, { data: { theirs: 'yes' } }];
  for (const [index, resource] of generatedResources.entries()) {
    const { apiVersion, kind } = resource;
    const metadata = { namespace, name: names[index] ?? '', labels: { [labels.managedBy]: 'somebody' } };
    const object = { apiVersion, kind, metadata, ...contents[index] };
    await admin.apply(resource, object);
  }
}

/** As another field manager, adds an owner. */
async function addField(admin: KubeClient, resource: Resource, at: Required<ObjectName>): Promise<void> {
  const { metadata, ...object } = await admin.get<KubeObject>(resource, at);
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'somebody', uid: 'somebody' };
  const ownerReferences = [...(metadata.ownerReferences ?? []), owner];
  await admin.replace(resource, { ...object, metadata: { ...metadata, ownerReferences } });
}

describe('the role of the controller', () => {
  const lease = { name: FIELD_MANAGER, timing: { durationMs: 2_000, renewDeadlineMs: 1_500, retryMs: 100 } };
  const cluster = useOperator({ autoStart: false });
  /** Deletes the Lease, so that the operator creates it and exercises the permission to do so. */
  const removeLease = async () => {
    const at = { namespace: LEASE_NAMESPACE, name: FIELD_MANAGER };
    await cluster.admin.delete(resources.lease, at).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  };

  it('allows exactly the requests that the controller makes', async () => {
    await removeLease();
    const operator = await cluster.start({ tuning: { lease } });
    const { admin, namespace } = cluster;
    const spec = { services: [{ name: 'backend' }], alerts: {}, dashboards: { include: ['overview'] } };
    const names = (name: string) => [`${name}.backend`, name, `${name}.dashboard-overview`];
    await takeNames(admin, namespace, names('taken'));
    await cluster.apply('taken', spec);
    await cluster.untilCondition('taken', 'Conflict', { status: 'True' });
    await cluster.remove('taken');

    await cluster.apply('rights', spec);
    await cluster.settled('rights');
    await takeNames(admin, namespace, names('rights'));
    await until(5_000, 'the drift is repaired', async () => operator.repaired.length >= 3);
    for (const [index, resource] of generatedResources.entries())
      await addField(admin, resource, { namespace, name: names('rights')[index] ?? '' });
    await until(5_000, 'the fields are taken back', async () => operator.repaired.length >= 6);
    await cluster.remove('rights');
    for (const resource of generatedResources) {
      await until(
        2_000,
        `no ${resource.kind} is left`,
        async () => (await admin.list(resource, { namespace, labelSelector: ours })).items.length === 0,
      );
    }
    const isLease = ({ verb, path }: RequestRecord) => verb === 'update' && path.includes('/leases/');
    await until(2_000, 'the lease is renewed', async () => operator.requests.some(isLease));
    const codes = new Set(operator.requests.map(({ code }) => code));
    expect(codes).not.toContain(403);
    const used = new Set(operator.requests.flatMap(usedRights));
    expect([...used].sort()).toEqual(grantedRights().sort());
  });

  it('cannot write or delete objects that it has not generated, because of the admission policy', async () => {
    const { admin, namespace } = cluster;
    const client = new KubeClient({
      connection: readKubeConnection(inject('apiServer').kubeconfigs.controller),
      fieldManager: FIELD_MANAGER,
    });
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'theirs' }, data: { a: '1' } };
    await admin.apply(resources.configMap, theirs);
    const own = { [labels.managedBy]: FIELD_MANAGER };
    const pipeline = { apiVersion: API_VERSION, kind: KIND, name: 'x', uid: 'x', controller: true };
    const changed = { ...theirs, metadata: { ...theirs.metadata, labels: own, ownerReferences: [pipeline] } };
    const forbidden = { code: 403, message: expect.stringContaining('only objects') };
    // the API server loads a new policy within seconds
    await until(10_000, 'the policy is in force', async () => {
      const { code } = await client.apply(resources.configMap, changed, { dryRun: true }).catch((error) => error);
      return code === 403;
    });
    await expect(client.apply(resources.configMap, changed)).rejects.toMatchObject(forbidden);
    await expect(client.delete(resources.configMap, theirs.metadata)).rejects.toMatchObject(forbidden);
    const named = (name: string, metadata: object) => ({ ...theirs, metadata: { namespace, name, ...metadata } });
    const unowned = named('new', { labels: own });
    const unlabelled = named('new', { ownerReferences: [pipeline] });
    for (const object of [theirs, unowned, unlabelled])
      await expect(client.apply(resources.configMap, object)).rejects.toMatchObject(forbidden);
    const created = await client.apply(resources.configMap, named('new', { labels: own, ownerReferences: [pipeline] }));
    await admin.replace(resources.configMap, { ...created, metadata: { ...created.metadata, labels: {} } });
    await client.apply(resources.configMap, named('new', { labels: own, ownerReferences: [pipeline] }));
    await client.delete(resources.configMap, { namespace, name: 'new' });
    client.close();
  });

  it('has no wildcard and no permission on secrets', () => {
    expect(grantedRights().filter((right) => right.includes('*') || right.includes('secrets'))).toEqual([]);
  });
});
