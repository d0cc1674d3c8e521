/**
 * Decides which objects to apply, to delete and to leave alone, so that the cluster contains exactly the compiled
 * objects of one TradingPipeline. Pure.
 */
import type { KubeObject } from '../../api/kube-object.ts';
import { annotations } from '../../api/names.ts';
import type { ForeignFieldsPolicy } from '../../api/trading-pipeline.ts';
import { annotationField, contentFingerprint, labelField, type ObservedObject } from '../observed.ts';
import type { Difference } from './differences.ts';

export interface Plan {
  readonly apply: readonly PlannedApply[];
  readonly delete: readonly ObservedObject[];
  /** Compiled objects whose name is taken by an object of another owner. */
  readonly foreign: readonly KubeObject[];
  /** Dashboards that users have edited and whose data is left as it is. */
  readonly kept: readonly KeptEdit[];
}

export interface KeptEdit {
  readonly object: KubeObject;
  /** True if the compiled dashboard has changed since the controller wrote the dashboard that a user then edited. */
  readonly isOutdated: boolean;
}

export interface PlannedApply {
  readonly object: KubeObject;
  /**
   * The object in the cluster. If undefined, the object is not in the cache. Its name may still be taken, because the cache
   * contains only objects with our label.
   */
  readonly actual: ObservedObject | undefined;
  /** True if fields that other field managers have added stay in the object. */
  readonly keepsAdditions: boolean;
  /** True if the object was as desired before, and somebody changed or deleted it. */
  readonly isDrift: boolean;
}

/**
 * Fingerprints of an applied object and of the resulting object in the cluster. If the API server fills in defaults, these two
 * always differ. An object that is still as our last apply left it is not written again.
 */
export interface Settled {
  readonly applied: string;
  readonly observed: string;
  /** Fields of other field managers that the policy `report` left in the object. Absent if there are none. */
  readonly additions?: readonly Difference[];
}

export interface PlanInput {
  readonly ownerUid: string;
  readonly desired: readonly KubeObject[];
  readonly observed: readonly ObservedObject[];
  /** State of each object after its last apply, keyed by planKey. */
  readonly settled: ReadonlyMap<string, Settled>;
  /** What to do with fields that other field managers add to the objects. Default `remove`. */
  readonly foreignFields?: ForeignFieldsPolicy | undefined;
}

/** Returns a key that identifies an object among the objects of one TradingPipeline, which are all in one namespace. */
export function planKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}

export function keyOfObject({ kind, metadata }: KubeObject): string {
  return planKey({ kind, name: metadata.name });
}

export function plan({ ownerUid, desired, observed, settled, foreignFields }: PlanInput): Plan {
  const present = new Map(observed.map((object) => [planKey(object), object]));
  const asked = new Set(desired.map(keyOfObject));
  const apply: PlannedApply[] = [];
  const foreign: KubeObject[] = [];
  const kept: KeptEdit[] = [];
  for (const object of desired) {
    const actual = present.get(keyOfObject(object));
    if (actual && !isOwnedBy(actual, ownerUid)) {
      foreign.push(object);
      continue;
    }
    const wanted = actual ? leaveEdits(object, actual) : object;
    const memory = settled.get(keyOfObject(object));
    const keepsAdditions = foreignFields === 'report' || seedOf(object) !== undefined;
    if (wanted.data !== object.data) kept.push({ object, isOutdated: seedOf(wanted) !== seedOf(object) });
    const isIncomplete = actual?.ownerUid !== ownerUid || !isAsDesired(wanted, actual, memory);
    const isWrong = isIncomplete || (!keepsAdditions && memory?.additions !== undefined);
    const isDrift = memory?.applied === contentFingerprint(wanted);
    if (isWrong) apply.push({ object: wanted, actual, keepsAdditions, isDrift });
  }
  const surplus = observed.filter((object) => object.ownerUid === ownerUid && !asked.has(planKey(object)));
  return { apply, delete: surplus, foreign, kept };
}

/** An object whose owner reference somebody removed is still ours: our last apply made it. */
export function isOwnedBy({ ownerUid: actual, isStray }: ObservedObject, ownerUid: string): boolean {
  return actual === ownerUid || isStray === true;
}

/**
 * Returns the object to apply if `actual` is the object in the cluster. A dashboard with policy `seed` that somebody
 * has edited keeps its data; only its metadata is applied. Every dashboard with policy `seed` also gets the
 * resourceVersion of `actual`, so that an edit which we have not seen yet makes the apply fail with a conflict instead
 * of being overwritten.
 */
export function leaveEdits(desired: KubeObject, actual: ObservedObject): KubeObject {
  if (seedOf(desired) === undefined) return desired;
  const metadata = { ...desired.metadata, resourceVersion: actual.resourceVersion };
  if (!actual.isEdited || actual.content === contentFingerprint(desired)) return { ...desired, metadata };
  const { data: _data, ...rest } = desired;
  const seeded = actual.annotations[annotations.seeded] ?? seedOf(desired) ?? '';
  return { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.seeded]: seeded } } };
}

/** Returns the hash in the annotation `seeded`, or undefined if users may not edit the object. */
function seedOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[annotations.seeded];
}

function isAsDesired(desired: KubeObject, actual: ObservedObject, settled: Settled | undefined): boolean {
  const { metadata } = desired;
  if (!contains(actual.labels, metadata.labels) || !contains(actual.annotations, metadata.annotations)) return false;
  if (hasSurplus(desired, actual)) return false;
  if (desired.spec === undefined && desired.data === undefined) return true;
  // If an edit restored our data, the editor still owns the field. Apply once more to own it again.
  if (actual.isEdited && seedOf(desired) !== undefined) return false;
  const wanted = contentFingerprint(desired);
  return actual.content === wanted || (settled?.applied === wanted && settled.observed === actual.content);
}

/** Returns whether the object has a label or annotation that we set earlier and no longer want. */
function hasSurplus({ metadata }: KubeObject, { extraFields = [] }: ObservedObject): boolean {
  if (extraFields.length === 0) return false;
  const wanted = new Set([
    ...Object.keys(metadata.labels ?? {}).map(labelField),
    ...Object.keys(metadata.annotations ?? {}).map(annotationField),
  ]);
  return extraFields.some((field) => !wanted.has(field));
}

/**
 * Returns whether `actual` has all wanted labels or annotations. Ignores those that others have added; they stay on the
 * object.
 */
function contains(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => actual[key] === value);
}
