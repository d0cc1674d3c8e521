/**
 * Computes short hashes of values and of the content of objects: equal content has an equal fingerprint. Pure, except for a
 * cache.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../api/kube-object.ts';

type Content = Pick<KubeObject, 'spec' | 'data'>;

/**
 * Fingerprints by object. Compiled objects and responses of the API server are never modified, so each fingerprint is computed
 * once.
 */
const fingerprints = new WeakMap<object, string>();

/** Returns the fingerprint of an object's spec and data. */
export function contentFingerprint(object: Content): string {
  const known = fingerprints.get(object) ?? fingerprint({ spec: object.spec, data: object.data });
  fingerprints.set(object, known);
  return known;
}

/**
 * Reuses the fingerprint of the applied object for the API server's response if both have the same content. A comparison takes
 * a third of the time of a hash.
 */
export function keepFingerprint(wanted: KubeObject, answer: KubeObject): void {
  if (isDeepStrictEqual([wanted.spec, wanted.data], [answer.spec, answer.data]))
    fingerprints.set(answer, contentFingerprint(wanted));
}

/** The fingerprint does not depend on the order of keys. */
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
