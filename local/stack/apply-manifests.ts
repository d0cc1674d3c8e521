import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { type KubeObject, type Resource, resourceOf, resources } from '#controller/api/kube-object.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import { READY_WITHIN_MS } from './entries/stack-entry.ts';

/** Reads the objects of a YAML file, or of all YAML files in a folder. */
export function readManifests(path: string): KubeObject[] {
  const files = /\.ya?ml$/.test(path) ? [path] : listYaml(path);
  return files.flatMap((file) => parseManifests(readFileSync(file, 'utf8'), file));
}

function listYaml(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

function parseManifests(text: string, file: string): KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`${file}: ${error.message}`);
    const object = document.toJS() as KubeObject | null;
    return object ? [object] : [];
  });
}

/** Applies objects by server-side apply, in order. Applies CRDs first and waits until the API server serves them. */
export async function applyManifests(client: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  const isCrd = ({ kind }: KubeObject) => kind === resources.customResourceDefinition.kind;
  const crds = objects.filter(isCrd);
  await Promise.all(crds.map((crd) => client.apply(resources.customResourceDefinition, crd)));
  await Promise.all(crds.map((crd) => waitUntilEstablished(client, crd)));
  for (const object of objects.filter((candidate) => !isCrd(candidate))) {
    await client.apply(needResource(object), object);
  }
}

interface CrdStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

async function waitUntilEstablished(client: KubeClient, crd: KubeObject): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isEstablished(client, crd))) {
    if (performance.now() > deadline)
      throw new Error(`the API server does not serve the CRD ${crd.metadata.name} after ${READY_WITHIN_MS / 1_000} s`);
    await sleep(50);
  }
}

async function isEstablished(client: KubeClient, crd: KubeObject): Promise<boolean> {
  const { status } = await client.get<KubeObject>(resources.customResourceDefinition, crd.metadata);
  const conditions = (status as CrdStatus | undefined)?.conditions ?? [];
  return conditions.some(({ type, status: is }) => type === 'Established' && is === 'True');
}

/** The kinds that the local stack reads or writes in addition to those of the operator. */
export const clusterKinds = {
  role: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles', namespaced: true },
  roleBinding: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    plural: 'rolebindings',
    namespaced: true,
  },
  admissionPolicy: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    plural: 'validatingadmissionpolicies',
    namespaced: false,
  },
  admissionPolicyBinding: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    plural: 'validatingadmissionpolicybindings',
    namespaced: false,
  },
  statefulSet: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
} as const satisfies Record<string, Resource>;

/** Returns how to address objects of this object's kind in the API. */
function needResource(object: KubeObject): Resource {
  const own = Object.values(clusterKinds).find(
    ({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind,
  );
  const found = resourceOf(object) ?? own;
  if (found) return found;
  throw new Error(`the kind ${object.kind} of ${object.apiVersion} is unknown: add it to clusterKinds`);
}
