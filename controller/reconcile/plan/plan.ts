/** What must be written so that the cluster has what was compiled, and nothing of ours beside it. Pure. */
import type { KubeObject } from '../../api/kube-object.ts';
import { annotations } from '../../api/names.ts';
import { contentFingerprint, type ObservedObject } from '../observed.ts';
import { annotationField, labelField } from './applied-fields.ts';

export interface Plan {
  readonly apply: readonly PlannedApply[];
  readonly delete: readonly ObservedObject[];
  /** Wanted, but the name belongs to somebody else. */
  readonly foreign: readonly KubeObject[];
  /** Dashboards whose data stays as their users left it. */
  readonly kept: readonly KeptEdit[];
}

export interface KeptEdit {
  readonly object: KubeObject;
  /** Ours has changed since it was edited. */
  readonly isOutdated: boolean;
}

export interface PlannedApply {
  readonly object: KubeObject;
  /** It is not in the cache: its name may be somebody else's all the same. */
  readonly isNew: boolean;
  /** It was right before and somebody changed or deleted it. */
  readonly isDrift: boolean;
}

/**
 * What an apply left in the cluster. Where the API server fills in defaults, what is there differs from what was
 * applied for ever: an object that still is as our last apply left it is not written again.
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

export function planKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
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

export function keyOfObject({ kind, metadata }: KubeObject): string {
  return planKey({ kind, name: metadata.name });
}

/**
 * What to apply where the object is there already. A dashboard that is only seeded, and that somebody has edited: all but
 * its data. The version that is known goes with it, so that no edit is written over that is not known yet.
 */
export function leaveEdits(desired: KubeObject, actual: ObservedObject): KubeObject {
  if (seedOf(desired) === undefined) return desired;
  const metadata = { ...desired.metadata, resourceVersion: actual.resourceVersion };
  if (!actual.isEdited || actual.content === contentFingerprint(desired)) return { ...desired, metadata };
  const { data: _data, ...rest } = desired;
  const seeded = actual.annotations[annotations.seeded] ?? seedOf(desired) ?? '';
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.seeded]: seeded } } };
}

function seedOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[annotations.seeded];
}

function isAsDesired(desired: KubeObject, actual: ObservedObject, settled: Settled | undefined): boolean {
  const { metadata } = desired;
  if (!contains(actual.labels, metadata.labels) || !contains(actual.annotations, metadata.annotations)) return false;
  if (hasSurplus(desired, actual)) return false;
  if (desired.spec === undefined && desired.data === undefined) return true;
  // Edited, and edited back: an apply makes it ours again.
  if (actual.isEdited && seedOf(desired) !== undefined) return false;
  const wanted = contentFingerprint(desired);
  return actual.content === wanted || (settled?.applied === wanted && settled.observed === actual.content);
}

/** A label or annotation that we set once and no longer want. */
function hasSurplus({ metadata }: KubeObject, { extraFields = [] }: ObservedObject): boolean {
  if (extraFields.length === 0) return false;
  const wanted = new Set([
    ...Object.keys(metadata.labels ?? {}).map(labelField),
    ...Object.keys(metadata.annotations ?? {}).map(annotationField),
  ]);
  return extraFields.some((field) => !wanted.has(field));
}

/** Others may add labels and annotations of their own; they are not ours to take away. */
function contains(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => actual[key] === value);
}
