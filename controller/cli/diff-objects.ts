/** Compares a live object with the object that an apply would produce, and prints the difference as a unified diff. Pure. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { KubeObject } from '../api/kube-object.ts';
import { printValue } from './command-io.ts';

export interface ObjectChange {
  readonly change: 'create' | 'update' | 'delete' | 'conflict';
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The unified diff. Empty for a conflict. */
  readonly diff: string;
}

/** Returns undefined if both objects are equal, apart from the fields that only the server writes. */
export function diffObjects(live: KubeObject | undefined, wanted: KubeObject | undefined): ObjectChange | undefined {
  const object = wanted ?? live;
  if (!object) return undefined;
  const { kind, metadata } = object;
  const { namespace = '', name } = metadata;
  const label = `${kind} ${namespace}/${name}`;
  const diff = buildUnifiedDiff(
    { label: live ? `live ${label}` : '/dev/null', text: printComparable(live) },
    { label: wanted ? `wanted ${label}` : '/dev/null', text: printComparable(wanted) },
  );
  if (diff === '') return undefined;
  const change = live ? (wanted ? 'update' : 'delete') : 'create';
  return { change, kind, namespace, name, diff };
}

interface DiffSide {
  readonly label: string;
  readonly text: string;
}

/** Returns a unified diff with three lines of context, as `diff -u` prints it, or an empty string if both sides are equal. */
export function buildUnifiedDiff(before: DiffSide, after: DiffSide): string {
  if (before.text === after.text) return '';
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
  return createTwoFilesPatch(before.label, after.label, before.text, after.text, undefined, undefined, options);
}

/** Prints an object without status, uid, resourceVersion and the like, because the server writes these fields. */
function printComparable(object: KubeObject | undefined): string {
  if (!object) return '';
  const { apiVersion, kind, metadata, status: _status, ...rest } = object;
  const { name, namespace, labels, annotations, ownerReferences } = metadata;
  const kept = { name, namespace, labels, annotations, ownerReferences };
  return printValue(sortDeep({ apiVersion, kind, metadata: withoutUndefined(kept), ...rest }) as object, 'yaml');
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}

/** Sorts the fields by name, because the server returns them in another order than the compiler. */
function sortDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortDeep);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sortDeep(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
