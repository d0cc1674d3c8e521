/** Live objects and what an apply would make of them → what would change, as a diff. Pure. */
import type { KubeObject } from '../api/kube-object.ts';
import { printValue } from './command-io.ts';
import { buildUnifiedDiff } from './unified-diff.ts';

export interface ObjectChange {
  readonly change: 'create' | 'update' | 'delete' | 'conflict';
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Empty for a conflict. */
  readonly diff: string;
}

/** Nothing when both are the same but for what the server counts. */
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

/** What the server writes by itself says nothing of a change. */
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

/** The server keeps the fields of an object in an order of its own. */
function sortDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortDeep);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sortDeep(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
