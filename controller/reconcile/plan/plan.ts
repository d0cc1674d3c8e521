/**
 * What must be written so that the cluster holds exactly the compiled objects of one resource: what to apply, what to delete,
 * what to leave alone. Pure.
 */
import type { KubeObject } from '../../api/kube-object.ts';
import { annotations } from '../../api/names.ts';
import { annotationField, contentFingerprint, labelField, type ObservedObject } from '../observed.ts';

export interface Plan {
  readonly apply: readonly PlannedApply[];
  readonly delete: readonly ObservedObject[];
  /** Wanted objects whose name belongs to an object of another owner. */
  readonly foreign: readonly KubeObject[];
  /** Dashboards whose data stays as their users edited it. */
  readonly kept: readonly KeptEdit[];
}

export interface KeptEdit {
  readonly object: KubeObject;
  /** The compiled dashboard has changed since the edited one was seeded. */
  readonly isOutdated: boolean;
}

export interface PlannedApply {
  readonly object: KubeObject;
  /** The object is not in the cache. Its name can still be taken: the cache holds only objects with our label. */
  readonly isNew: boolean;
  /** The object was right before, and somebody changed or deleted it. */
  readonly isDrift: boolean;
}

/**
 * What an apply left in the cluster, as fingerprints. If the API server fills in defaults, the object never equals what was
 * applied; an object that is still as our last apply left it is not written again.
 */
export interface Settled {
  readonly applied: string;
  readonly observed: string;
}

export interface PlanInput {
  readonly ownerUid: string;
  readonly desired: readonly KubeObject[];
  readonly observed: readonly ObservedObject[];
  /** By planKey. */
  readonly settled: ReadonlyMap<string, Settled>;
}

/** Identifies an object among those of one resource, which all share a namespace. */
export function planKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}

export function keyOfObject({ kind, metadata }: KubeObject): string {
  return planKey({ kind, name: metadata.name });
}

export function plan({ ownerUid, desired, observed, settled }: PlanInput): Plan {
  const present = new Map(observed.map((object) => [planKey(object), object]));
  const asked = new Set(desired.map(keyOfObject));
  const apply: PlannedApply[] = [];
  const foreign: KubeObject[] = [];
  const kept: KeptEdit[] = [];
  for (const object of desired) {
    const actual = present.get(keyOfObject(object));
    if (actual && actual.ownerUid !== ownerUid) {
      foreign.push(object);
      continue;
    }
    const wanted = actual ? leaveEdits(object, actual) : object;
    const memory = settled.get(keyOfObject(object));
    if (wanted.data !== object.data) kept.push({ object, isOutdated: seedOf(wanted) !== seedOf(object) });
    if (!actual || !isAsDesired(wanted, actual, memory))
      apply.push({ object: wanted, isNew: !actual, isDrift: memory?.applied === contentFingerprint(wanted) });
  }
  const surplus = observed.filter((object) => object.ownerUid === ownerUid && !asked.has(planKey(object)));
  return { apply, delete: surplus, foreign, kept };
}

/**
 * What to apply to an existing object. A dashboard with policy `seed` that somebody has edited keeps its data; only the rest
 * is applied. A seeded dashboard also carries the known resourceVersion, so an edit we have not seen yet fails the apply
 * with a conflict instead of being overwritten.
 */
export function leaveEdits(desired: KubeObject, actual: ObservedObject): KubeObject {
  if (seedOf(desired) === undefined) return desired;
  const metadata = { ...desired.metadata, resourceVersion: actual.resourceVersion };
  if (!actual.isEdited || actual.content === contentFingerprint(desired)) return { ...desired, metadata };
  const { data: _data, ...rest } = desired;
  const seeded = actual.annotations[annotations.seeded] ?? seedOf(desired) ?? '';
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.seeded]: seeded } } };
}

/** Undefined unless users may edit the object. */
function seedOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[annotations.seeded];
}

function isAsDesired(desired: KubeObject, actual: ObservedObject, settled: Settled | undefined): boolean {
  const { metadata } = desired;
  if (!contains(actual.labels, metadata.labels) || !contains(actual.annotations, metadata.annotations)) return false;
  if (hasSurplus(desired, actual)) return false;
  if (desired.spec === undefined && desired.data === undefined) return true;
  // An edit that restored our text still owns the field: apply once more to own it again.
  if (actual.isEdited && seedOf(desired) !== undefined) return false;
  const wanted = contentFingerprint(desired);
  return actual.content === wanted || (settled?.applied === wanted && settled.observed === actual.content);
}

/** True if the object has a label or annotation that we set once and no longer want. */
function hasSurplus({ metadata }: KubeObject, { extraFields = [] }: ObservedObject): boolean {
  if (extraFields.length === 0) return false;
  const wanted = new Set([
    ...Object.keys(metadata.labels ?? {}).map(labelField),
    ...Object.keys(metadata.annotations ?? {}).map(annotationField),
  ]);
  return extraFields.some((field) => !wanted.has(field));
}

/** Other people's labels and annotations do not matter: they stay. */
function contains(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => actual[key] === value);
}
