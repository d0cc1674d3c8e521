/**
 * The values that the caches store instead of the objects in the cluster: enough to compare and to count, with far less memory.
 * Pure.
 */
import type { KubeObject } from '../api/kube-object.ts';
import { API_VERSION, annotations, FIELD_MANAGER, KIND, labels } from '../api/names.ts';
import { contentFingerprint } from './plan/fingerprint.ts';

/** A generated object as it is in the cluster. */
export interface ObservedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Uid of the TradingPipeline that owns the object. */
  readonly ownerUid?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Fingerprint of spec and data. */
  readonly content: string;
  /**
   * Labels and annotations that our last apply set beyond the usual ones, as written by labelField and annotationField. The
   * plan removes those that are no longer wanted. Absent if there are none.
   */
  readonly extraFields?: readonly string[];
  /** Set if the object has data and our field manager owns no key of the data, because somebody overwrote what we applied. */
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

function ownerUidOf(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.kind === KIND && owner.apiVersion === API_VERSION)?.uid;
}

/** An entry of metadata.managedFields, the API server's record of who owns which field: a tree of `f:name` keys. */
interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: {
    readonly 'f:metadata'?: { readonly 'f:labels'?: object; readonly 'f:annotations'?: object };
    readonly 'f:data'?: object;
  };
}

/** Labels and annotations that every generated object of its kind has, so the plan never removes them. */
const usualFields: ReadonlySet<string> = new Set([
  ...[labels.managedBy, labels.partOf, labels.pipeline, labels.grafanaDashboard].map(labelField),
  ...[annotations.sidecarFolder, annotations.grafanaFolder].map(annotationField),
]);

function findExtraFields(object: KubeObject): string[] {
  const { 'f:labels': ownLabels, 'f:annotations': ownAnnotations } = appliedFields(object)?.['f:metadata'] ?? {};
  return [...fieldNames(ownLabels).map(labelField), ...fieldNames(ownAnnotations).map(annotationField)].filter(
    (field) => !usualFields.has(field),
  );
}

function isEditedByOthers(object: KubeObject): boolean {
  const keys = Object.keys(object.data ?? {});
  const ours = fieldNames(appliedFields(object)?.['f:data']);
  return keys.length > 0 && !keys.some((key) => ours.includes(key));
}

export function labelField(key: string): string {
  return `labels.${key}`;
}

export function annotationField(key: string): string {
  return `annotations.${key}`;
}

/** Returns the fields that our last server-side apply owns. */
function appliedFields({ metadata }: KubeObject): ManagedFields['fieldsV1'] {
  const entries = (metadata.managedFields ?? []) as readonly ManagedFields[];
  return entries.find(
    ({ manager, operation, subresource }) => manager === FIELD_MANAGER && operation === 'Apply' && !subresource,
  )?.fieldsV1;
}

function fieldNames(fields: object = {}): string[] {
  return Object.keys(fields).map((field) => field.slice('f:'.length));
}

export interface ObservedService {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the Service's ports; a port without a name is left out. */
  readonly ports: readonly string[];
}

export function observeService(object: KubeObject): ObservedService {
  const { name, namespace = '', labels = {} } = object.metadata;
  const ports = (object.spec as { ports?: { name?: string }[] } | undefined)?.ports ?? [];
  return { namespace, name, labels, ports: ports.map((port) => port.name ?? '').filter((port) => port !== '') };
}

export interface ObservedEndpoints {
  readonly namespace: string;
  /** Name of the Service that the EndpointSlice belongs to. */
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
  // Kubernetes counts an endpoint of unknown readiness as ready.
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

/** Reduces a Prometheus object to its selectors of ServiceMonitors and PrometheusRules. */
export function keepSelectors({ apiVersion, kind, metadata: { namespace, name }, spec }: KubeObject): KubeObject {
  const selectors = Object.entries(spec ?? {}).filter(([field]) =>
    /^(serviceMonitor|rule)(Namespace)?Selector$/.test(field),
  );
  return { apiVersion, kind, metadata: { namespace, name }, spec: Object.fromEntries(selectors) };
}
