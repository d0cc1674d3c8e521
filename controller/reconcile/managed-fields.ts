/**
 * Reads metadata.managedFields, the API server's record of which field manager owns which field of an object. The record
 * of one manager is a tree whose keys are `f:name` for a field and `k:{"name":"a"}` for an item of a list with keys. Pure.
 */
import type { KubeObject } from '../api/kube-object.ts';
import { FIELD_MANAGER } from '../api/names.ts';

type FieldTree = { readonly [key: string]: FieldTree };

interface ManagerEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: FieldTree;
}

/** A step to a field: a field's name, an item of a list with keys, or an index in any other list. */
type FieldStep = string | number | { readonly key: string; readonly value: string };
export type FieldSteps = readonly FieldStep[];

/** Returns the tree of fields that our last server-side apply owns, or undefined if it owns none. */
export function appliedFields(object: KubeObject): FieldTree | undefined {
  return entriesOf(object).find(isOurs)?.fieldsV1;
}

export function subtree(tree: FieldTree | undefined, ...keys: readonly string[]): FieldTree {
  return keys.reduce<FieldTree | undefined>((at, key) => at?.[key], tree) ?? {};
}

/** Returns the names of the fields at the root of a tree. */
export function fieldNames(tree: FieldTree): string[] {
  return Object.keys(tree).flatMap((key) => (key.startsWith('f:') ? key.slice('f:'.length) : []));
}

/**
 * Returns the other field manager that owns the field, the one that wrote last if there are several. Returns undefined
 * if only we own it or nobody does, as with defaults of the API server.
 */
export function findManager(object: KubeObject, steps: FieldSteps): string | undefined {
  const owners = entriesOf(object).filter((entry) => !isOurs(entry) && owns(entry.fieldsV1, steps));
  return owners.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))[0]?.manager;
}

function entriesOf({ metadata }: KubeObject): readonly ManagerEntry[] {
  return (metadata.managedFields ?? []) as readonly ManagerEntry[];
}

function isOurs({ manager, operation, subresource }: ManagerEntry): boolean {
  return manager === FIELD_MANAGER && operation === 'Apply' && !subresource;
}

/** A tree that ends before the field owns the value that contains the field, such as an atomic list. */
function owns(tree: FieldTree | undefined, steps: FieldSteps): boolean {
  let at = tree;
  for (const step of steps) {
    if (at === undefined) return false;
    if (Object.keys(at).length === 0) return true;
    at = at[treeKey(step)];
  }
  return at !== undefined;
}

function treeKey(step: FieldStep): string {
  if (typeof step === 'string') return `f:${step}`;
  return typeof step === 'number' ? `i:${step}` : `k:${JSON.stringify({ [step.key]: step.value })}`;
}
