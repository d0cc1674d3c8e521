/** What the controller remembers of the objects in the cluster: enough to compare and to count, not the objects. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../api/kube-object.ts';
import { API_VERSION, KIND, labels } from '../api/names.ts';
import { findExtraFields, isEditedByOthers } from './plan/applied-fields.ts';
import { fingerprint } from './plan/fingerprint.ts';

/** A generated object, as it is in the cluster. */
export interface ObservedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Uid of the TradingPipeline that owns it. */
  readonly ownerUid?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Of spec and data. */
  readonly content: string;
  /** Labels and annotations that we set and may have to take away: absent where there are none but the usual. */
  readonly extraFields?: readonly string[];
  /** Of a ConfigMap: its data is somebody else's. */
  readonly isEdited?: true;
}

export function observeObject(object: KubeObject): ObservedObject {
  const { name, namespace = '', uid = '', resourceVersion = '', labels = {}, annotations = {} } = object.metadata;
  const extra = findExtraFields(object);
  return {
    kind: object.kind,
    namespace,
    name,
    uid,
    resourceVersion,
    ownerUid: ownerUidOf(object),
    labels,
    annotations,
    content: contentFingerprint(object),
    ...(extra.length > 0 && { extraFields: extra }),
    ...(isEditedByOthers(object) && { isEdited: true }),
  };
}

/** What is compiled or read is never changed, so that each object's is made once. */
const fingerprints = new WeakMap<object, string>();

export function contentFingerprint(object: Pick<KubeObject, 'spec' | 'data'>): string {
  const known = fingerprints.get(object) ?? fingerprint({ spec: object.spec, data: object.data });
  fingerprints.set(object, known);
  return known;
}

/** What the API server took as it was asked has the fingerprint of what was asked: to compare costs a third of making it. */
export function keepFingerprint(wanted: KubeObject, answer: KubeObject): void {
  if (isDeepStrictEqual([wanted.spec, wanted.data], [answer.spec, answer.data]))
    fingerprints.set(answer, contentFingerprint(wanted));
}

/** The uid of the TradingPipeline that owns an object, if one does. */
export function ownerUidOf(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.kind === KIND && owner.apiVersion === API_VERSION)?.uid;
}

export interface ObservedService {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
}

export function observeService(object: KubeObject): ObservedService {
  const { name, namespace = '', labels = {} } = object.metadata;
  const ports = (object.spec as { ports?: { name?: string }[] } | undefined)?.ports ?? [];
  return { namespace, name, labels, ports: ports.map((port) => port.name ?? '').filter((port) => port !== '') };
}

export interface ObservedEndpoints {
  readonly namespace: string;
  /** Name of the Service the slice belongs to. */
  readonly service: string;
  readonly ports: readonly string[];
  readonly ready: number;
}

interface RawEndpointSlice extends KubeObject {
  readonly endpoints?: { addresses?: string[]; conditions?: { ready?: boolean } }[];
  readonly ports?: { name?: string }[];
}

export function observeEndpoints(object: KubeObject): ObservedEndpoints {
  const { endpoints, ports, metadata } = object as RawEndpointSlice;
  // Kubernetes: an unknown readiness counts as ready.
  const ready = (endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false);
  return {
    namespace: metadata.namespace ?? '',
    service: metadata.labels?.[labels.endpointsOf] ?? '',
    ports: (ports ?? []).map((port) => port.name ?? ''),
    ready: ready.length,
  };
}

export interface ObservedNamespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function observeNamespace({ metadata: { name, labels = {} } }: KubeObject): ObservedNamespace {
  return { name, labels };
}

/** Of a Prometheus object, what it selects. */
export function keepSelectors({ apiVersion, kind, metadata: { namespace, name }, spec }: KubeObject): KubeObject {
  const selectors = Object.entries(spec ?? {}).filter(([field]) =>
    /^(serviceMonitor|rule)(Namespace)?Selector$/.test(field),
  );
  return { apiVersion, kind, metadata: { namespace, name }, spec: Object.fromEntries(selectors) };
}
