/**
 * The form in which the reconciler reads objects of the cluster. Of a TradingPipeline it reads the key, the owner reference,
 * the pause annotation and the parsed spec. Of all other objects the caches store only the parts that are compared or counted,
 * with a fingerprint instead of the content, which takes far less memory. Pure, except for caches of parsed specs and
 * fingerprints.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, objectKey } from '../api/kube-object.ts';
import { annotations, labels } from '../api/names.ts';
import { type ParsedSpec, parseTradingPipelineSpec, type TradingPipeline } from '../api/trading-pipeline.ts';
import type { Owner } from '../compile/objects/generated-object.ts';
import { appliedFields, fieldNames, subtree } from './managed-fields.ts';
import { findAppliedOwner, oddOwners, ownerUidOf } from './owners.ts';

/**
 * Parsed specs, keyed by the cached TradingPipeline. A new version of a TradingPipeline is a new object, so its spec is
 * parsed again.
 */
const specs = new WeakMap<TradingPipeline, ParsedSpec>();

export function parsedSpec(resource: TradingPipeline): ParsedSpec {
  const known = specs.get(resource) ?? parseTradingPipelineSpec(resource.spec);
  specs.set(resource, known);
  return known;
}

/** Returns the key of a resource in queues and caches: `namespace/name`. */
export function keyOf(resource: TradingPipeline): string {
  return objectKey(resource.metadata);
}

export function ownerOf({ metadata }: TradingPipeline): Owner {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

/** Returns whether the pause annotation tells the controller to write no objects for the resource. */
export function isPaused({ metadata }: TradingPipeline): boolean {
  return metadata.annotations?.[annotations.paused] === 'true';
}

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
  /** Fingerprint of the content, see contentOf, and of owner references that a generated object does not have. */
  readonly content: string;
  /**
   * Labels and annotations that our last apply set beyond the usual ones, as written by labelField and annotationField.
   * Those that are no longer wanted are removed by the plan. Absent if there are none.
   */
  readonly extraFields?: readonly string[];
  /** Set if the object has data and our field manager owns no key of the data, because somebody overwrote what we applied. */
  readonly isEdited?: true;
  /** Set if we applied the object, and somebody removed the owner reference that we set. */
  readonly isStray?: true;
  /** Set on a ConfigMap that the API server does not update. Only a deletion takes that back. */
  readonly isImmutable?: true;
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
    ...(appliedFields(object) && !findAppliedOwner(object) && { isStray: true }),
    ...('immutable' in object && object.immutable === true && { isImmutable: true }),
  };
}

/** Labels and annotations that every generated object of its kind has, so the plan never removes them. */
const usualFields: ReadonlySet<string> = new Set([
  ...[labels.managedBy, labels.partOf, labels.pipeline, labels.grafanaDashboard].map(labelField),
  ...[annotations.sidecarFolder, annotations.grafanaFolder].map(annotationField),
]);

function findExtraFields(object: KubeObject): string[] {
  const applied = subtree(appliedFields(object), 'f:metadata');
  return [
    ...fieldNames(subtree(applied, 'f:labels')).map(labelField),
    ...fieldNames(subtree(applied, 'f:annotations')).map(annotationField),
  ].filter((field) => !usualFields.has(field));
}

function isEditedByOthers(object: KubeObject): boolean {
  const keys = Object.keys(object.data ?? {});
  const ours = fieldNames(subtree(appliedFields(object), 'f:data'));
  return keys.length > 0 && !keys.some((key) => ours.includes(key));
}

export function labelField(key: string): string {
  return `labels.${key}`;
}

export function annotationField(key: string): string {
  return `annotations.${key}`;
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

/** Returns the fields that a generated object consists of: all but names, metadata and status. */
export function contentOf({
  apiVersion: _apiVersion,
  kind: _kind,
  metadata: _metadata,
  status: _status,
  ...content
}: KubeObject): Readonly<Record<string, unknown>> {
  return content;
}

/**
 * Fingerprints by object. Compiled objects and responses of the API server are never modified, so each fingerprint is computed
 * once.
 */
const fingerprints = new WeakMap<object, string>();

/** Returns the fingerprint of an object's content and of its unusual owner references. */
export function contentFingerprint(object: KubeObject): string {
  const known = fingerprints.get(object) ?? fingerprint(fingerprinted(object));
  fingerprints.set(object, known);
  return known;
}

function fingerprinted(object: KubeObject): object {
  const owners = oddOwners(object.metadata);
  return owners ? { ...contentOf(object), owners } : contentOf(object);
}

/**
 * Reuses the fingerprint of the applied object for the API server's response if both have the same content. A comparison takes
 * a third of the time of a hash.
 */
export function keepFingerprint(wanted: KubeObject, answer: KubeObject): void {
  if (isDeepStrictEqual(fingerprinted(wanted), fingerprinted(answer)))
    fingerprints.set(answer, contentFingerprint(wanted));
}

/** Returns a hash that does not depend on the order of keys. */
function fingerprint(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'base64url').slice(0, 22);
}

/** Returns JSON with sorted keys and without undefined fields. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value)) ?? 'null';
}

/**
 * Returns a copy with sorted keys. Sorting first and calling JSON.stringify once takes half the time of joining strings by
 * hand, and a third of the time of a replacer function.
 */
function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const fields = value as Readonly<Record<string, unknown>>;
  // Without a prototype, a key named `__proto__` is stored like any other.
  const sorted: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(fields).sort()) sorted[key] = inOrder(fields[key]);
  return sorted;
}
