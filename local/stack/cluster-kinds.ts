import type { KubeObject } from '#controller/api/kube-object.ts';
import { type Resource, resourceOf } from '#controller/api/resources.ts';

/** Kinds that a local stack writes or reads beside those the operator knows. */
export const clusterKinds = {
  role: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles', namespaced: true },
  roleBinding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    plural: 'rolebindings',
    namespaced: true,
  },
  statefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
} as const satisfies Record<string, Resource>;

/** How to address an object's kind. */
export function needResource(object: KubeObject): Resource {
  const own = Object.values(clusterKinds).find(
    ({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind,
  );
  const found = resourceOf(object) ?? own;
  if (found) return found;
  throw new Error(`${object.kind} of ${object.apiVersion} is no kind that is known here: add it to cluster-kinds.ts`);
}
