/**
 * Executes a plan through the port ClusterWriter, all writes at the same time. A write that fails does not stop the others. An
 * object of another owner is never overwritten. The fingerprints of each applied object are kept in `settled`, and its repairs
 * in `contests`.
 */
import type { KubeObject } from '../../api/kube-object.ts';
import { contentFingerprint, type ObservedObject, observeObject } from '../observed.ts';
import type { ClusterWriter, ReconcileEvents } from '../ports.ts';
import { type Contest, countRepair, pauseLeftMs } from './contest.ts';
import { type Difference, findAdditions, findDifferences } from './differences.ts';
import {
  isOwnedBy,
  keyOfObject,
  leaveEdits,
  type Plan,
  type PlanInput,
  type PlannedApply,
  planKey,
  type Settled,
} from './plan.ts';

/**
 * Thrown if the API server understood a write and rejected it. It would reject a retry too, until somebody changes
 * something.
 */
export class Refusal extends Error {}

/** An object that could not be written, and why. */
export interface UnwrittenObject {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
}

/** An object in which other field managers have changed fields. */
export interface ForeignObject {
  readonly kind: string;
  readonly name: string;
  readonly fields: readonly Difference[];
}

/** The result of executing a plan. */
export interface Outcome {
  /** Objects whose name is taken by an object of another owner. */
  readonly taken: UnwrittenObject[];
  /** Objects that the API server rejected. */
  readonly refused: UnwrittenObject[];
  /** Fields of other field managers that were removed. */
  readonly takenBack: ForeignObject[];
  /** Objects that others change again and again, so that the next repair waits. */
  readonly contested: ForeignObject[];
  /** When the first of the contested objects may be repaired again, in ms from now; undefined if there is none. */
  againInMs?: number;
  /** The first failure after which a retry may succeed; undefined if there was none. */
  failure?: unknown;
  /** When an object was last applied, in ms since 1970; undefined if no object was applied. */
  writtenAtMs?: number;
}

/** The input from which the plan was made. The executor updates `settled` and `contests`. */
type PlannedFrom = PlanInput & {
  readonly settled: Map<string, Settled>;
  /** The recent repairs of each object, keyed by planKey. */
  readonly contests: Map<string, Contest>;
};

interface Written {
  readonly wanted: KubeObject;
  readonly live: KubeObject;
  /** Fields of other field managers that were removed. */
  readonly takenBack: readonly Difference[];
}

interface PlanExecutorOptions {
  readonly writer: ClusterWriter;
  readonly events: ReconcileEvents;
  readonly now: () => Date;
}

export class PlanExecutor {
  readonly #writer: ClusterWriter;
  readonly #events: ReconcileEvents;
  readonly #now: () => Date;

  constructor({ writer, events, now }: PlanExecutorOptions) {
    this.#writer = writer;
    this.#events = events;
    this.#now = now;
  }

  async execute(planned: Plan, from: PlannedFrom): Promise<Outcome> {
    const outcome: Outcome = { taken: planned.foreign.map(takenName), refused: [], takenBack: [], contested: [] };
    const attempt = async (work: Promise<void>) => {
      try {
        await work;
      } catch (error) {
        outcome.failure ??= error;
      }
    };
    await Promise.all([
      ...planned.apply.map((one) => attempt(this.#apply(one, from, outcome))),
      ...planned.delete.map((object) => attempt(this.delete(object))),
    ]);
    settleUnchanged(planned, from);
    for (const object of planned.delete) {
      from.settled.delete(planKey(object));
      from.contests.delete(planKey(object));
    }
    return outcome;
  }

  async delete(object: ObservedObject): Promise<void> {
    await this.#writer.delete(object);
    this.#events.info({ kind: object.kind, namespace: object.namespace, name: object.name }, 'deleted');
  }

  async #apply(planned: PlannedApply, from: PlannedFrom, outcome: Outcome): Promise<void> {
    const { object } = planned;
    if (await this.#isContested(planned, from, outcome)) return;
    try {
      const written = await this.#write(planned, from.ownerUid);
      if (written) this.#record(planned, written, from, outcome);
      else outcome.taken.push(takenName(object));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outcome.refused.push({ kind: object.kind, name: object.metadata.name, message: error.message });
      this.#events.warn({ kind: object.kind, name: object.metadata.name, error: error.message }, 'apply was refused');
    }
  }

  /** Returns whether the repair of an object must wait. Then the outcome names the fields and who changed them. */
  async #isContested({ object, isDrift }: PlannedApply, from: PlannedFrom, outcome: Outcome): Promise<boolean> {
    const pauseMs = isDrift ? pauseLeftMs(from.contests.get(keyOfObject(object)), this.#now().getTime()) : 0;
    if (pauseMs === 0) return false;
    const { kind, metadata } = object;
    const live = await this.#writer.nameHolder(kind, metadata);
    const fields = live ? findDifferences(object, live) : [];
    outcome.contested.push({ kind, name: metadata.name, fields });
    outcome.againInMs = Math.min(outcome.againInMs ?? pauseMs, pauseMs);
    return true;
  }

  #record(
    { object, actual, isDrift, keepsAdditions }: PlannedApply,
    written: Written,
    from: PlannedFrom,
    outcome: Outcome,
  ): void {
    const { wanted, live, takenBack } = written;
    const key = keyOfObject(object);
    const nowMs = this.#now().getTime();
    // A field without a manager is a default of the API server, or comes from an admission webhook.
    const additions = keepsAdditions ? findAdditions(wanted, live).filter(({ manager }) => manager !== undefined) : [];
    from.settled.set(key, {
      applied: contentFingerprint(wanted),
      observed: contentFingerprint(live),
      ...(additions.length > 0 && { additions }),
    });
    outcome.writtenAtMs = nowMs;
    const { name, namespace } = object.metadata;
    const isRepair = takenBack.length > 0 || (isDrift && live.metadata.resourceVersion !== actual?.resourceVersion);
    this.#events.info({ kind: object.kind, namespace, name }, isRepair ? 'repaired drift' : 'applied');
    if (takenBack.length > 0) outcome.takenBack.push({ kind: object.kind, name, fields: takenBack });
    if (!isRepair) return;
    this.#events.driftRepaired(object.kind);
    from.contests.set(key, countRepair(from.contests.get(key), nowMs));
  }

  /** Returns undefined if the name belongs to another owner. */
  async #write(planned: PlannedApply, ownerUid: string): Promise<Written | undefined> {
    try {
      return await (planned.actual ? this.#applyKnown(planned) : this.#applyNew(planned, ownerUid));
    } catch (error) {
      // A deletion after any other refusal could lose the object, because its creation may be refused too.
      const isFrozen = error instanceof Refusal && error.message.includes('field is immutable');
      if (!isFrozen || planned.object.data === undefined) throw error;
      const found = await this.#writer.nameHolder(planned.object.kind, planned.object.metadata);
      const holder = found && observeObject(found);
      if (!holder?.isImmutable || !isOwnedBy(holder, ownerUid)) throw error;
      return this.#replace(planned, holder, ownerUid);
    }
  }

  /** Applies the object, then removes what other field managers have added. */
  async #applyKnown({ object: wanted, keepsAdditions }: PlannedApply): Promise<Written> {
    const live = await this.#writer.apply(wanted);
    const additions = keepsAdditions ? [] : findAdditions(wanted, live);
    if (additions.length === 0) return { wanted, live, takenBack: [] };
    const cleared = await this.#writer.takeBack(wanted, live);
    // The API server sets its defaults again at once, so what is left is not from another field manager.
    const left = new Set(findAdditions(wanted, cleared).map(({ path }) => path));
    return { wanted, live: cleared, takenBack: additions.filter(({ path }) => !left.has(path)) };
  }

  /**
   * Applies an object that is missing from the cache. Such an object usually does not exist, so its owner is looked up only if
   * the name is taken. Returns undefined if another owner has the name.
   */
  async #applyNew(planned: PlannedApply, ownerUid: string): Promise<Written | undefined> {
    const { object: wanted } = planned;
    const live = await this.#writer.applyNew(wanted);
    if (live) return { wanted, live, takenBack: [] };
    const found = await this.#writer.nameHolder(wanted.kind, wanted.metadata);
    const holder = found && observeObject(found);
    if (holder && !isOwnedBy(holder, ownerUid)) return undefined;
    return this.#applyKnown({ ...planned, object: holder ? leaveEdits(wanted, holder) : wanted });
  }

  /** Deletes and creates a ConfigMap that somebody made immutable: the API server refuses to update it. */
  async #replace(planned: PlannedApply, holder: ObservedObject, ownerUid: string): Promise<Written | undefined> {
    await this.delete(holder);
    const { resourceVersion: _version, ...unversioned } = planned.object.metadata;
    return this.#applyNew({ ...planned, object: { ...planned.object, metadata: unversioned } }, ownerUid);
  }
}

function takenName({ kind, metadata }: KubeObject): UnwrittenObject {
  return { kind, name: metadata.name, message: 'the name is taken' };
}

/** Adds to `settled` the objects that needed no write, so that a later change of such an object counts as drift. */
function settleUnchanged(planned: Plan, { desired, observed, settled }: PlannedFrom): void {
  const unlike = [...planned.apply, ...planned.kept].map(({ object }) => object);
  const changed = new Set([...unlike, ...planned.foreign].map(keyOfObject));
  const present = new Map(observed.map((object) => [planKey(object), object]));
  for (const object of desired) {
    const key = keyOfObject(object);
    const actual = present.get(key);
    if (!actual || changed.has(key)) continue;
    const now = { applied: contentFingerprint(object), observed: actual.content };
    const known = settled.get(key);
    if (known?.applied !== now.applied || known.observed !== now.observed) settled.set(key, now);
  }
}
