import { describe, expect, it } from 'vitest';
import { generatedResources, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER, labels } from '#controller/api/names.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
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

  it('has no wildcard and no permission on secrets', () => {
    expect(grantedRights().filter((right) => right.includes('*') || right.includes('secrets'))).toEqual([]);
  });
});
