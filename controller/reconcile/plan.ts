/** What must be written so that the cluster has what was compiled, and nothing of ours beside it. Pure. */
import type { KubeObject } from '../api/kube-object.ts';
import { contentFingerprint, type ObservedObject } from './observed.ts';

export interface Plan {
  readonly apply: readonly PlannedApply[];
  readonly delete: readonly ObservedObject[];
  /** Wanted, but the name belongs to somebody else. */
  readonly foreign: readonly KubeObject[];
}

export interface PlannedApply {
  readonly object: KubeObject;
  /** It is not in the cache: whose its name is must be asked before it is written. */
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
  const wanted = new Set(desired.map((object) => planKey({ kind: object.kind, name: object.metadata.name })));
  const apply: PlannedApply[] = [];
  const foreign: KubeObject[] = [];
  for (const object of desired) {
    const key = planKey({ kind: object.kind, name: object.metadata.name });
    const actual = present.get(key);
    if (actual && actual.ownerUid !== ownerUid) foreign.push(object);
    else if (!actual || !isAsDesired(object, actual, settled.get(key))) {
      apply.push({ object, isNew: !actual, isDrift: settled.get(key)?.applied === contentFingerprint(object) });
    }
  }
  const surplus = observed.filter((object) => object.ownerUid === ownerUid && !wanted.has(planKey(object)));
  return { apply, delete: surplus, foreign };
}

function isAsDesired(desired: KubeObject, actual: ObservedObject, settled: Settled | undefined): boolean {
  const { labels, annotations } = desired.metadata;
  if (!contains(actual.labels, labels) || !contains(actual.annotations, annotations)) return false;
  const wanted = contentFingerprint(desired);
  return actual.content === wanted || (settled?.applied === wanted && settled.observed === actual.content);
}

/** Others may add labels and annotations of their own; they are not ours to take away. */
function contains(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => actual[key] === value);
}
