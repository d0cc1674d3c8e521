/**
 * Executes a plan through the port ClusterWriter, all writes at the same time. A write that fails does not stop the others. An
 * object of another owner is never overwritten. The fingerprints of each applied object are kept in `settled`.
 */
import type { KubeObject } from '../../api/kube-object.ts';
import { contentFingerprint, type ObservedObject, observeObject } from '../observed.ts';
import type { ClusterWriter, ReconcileEvents } from '../ports.ts';
import {
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

/** The result of executing a plan. */
export interface Outcome {
  /** Objects whose name is taken by an object of another owner. */
  readonly taken: UnwrittenObject[];
  /** Objects that the API server rejected. */
  readonly refused: UnwrittenObject[];
  /** The first failure after which a retry may succeed; undefined if there was none. */
  failure?: unknown;
  /** When an object was last applied, in ms since 1970; undefined if no object was applied. */
  writtenAtMs?: number;
}

/** The input from which the plan was made. The executor updates `settled`. */
type PlannedFrom = PlanInput & { readonly settled: Map<string, Settled> };

interface Written {
  readonly wanted: KubeObject;
  readonly applied: ObservedObject;
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
    const outcome: Outcome = { taken: planned.foreign.map(takenName), refused: [] };
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
    for (const object of planned.delete) from.settled.delete(planKey(object));
    return outcome;
  }

  async delete(object: ObservedObject): Promise<void> {
    await this.#writer.delete(object);
    this.#events.info({ kind: object.kind, namespace: object.namespace, name: object.name }, 'deleted');
  }

  async #apply({ object, isNew, isDrift }: PlannedApply, from: PlannedFrom, outcome: Outcome): Promise<void> {
    try {
      const written = isNew ? await this.#applyNew(object, from.ownerUid) : await this.#applyKnown(object);
      if (!written) {
        outcome.taken.push(takenName(object));
        return;
      }
      const { wanted, applied } = written;
      from.settled.set(planKey(applied), { applied: contentFingerprint(wanted), observed: applied.content });
      outcome.writtenAtMs = this.#now().getTime();
      const fields = { kind: object.kind, namespace: object.metadata.namespace, name: object.metadata.name };
      this.#events.info(fields, isDrift ? 'repaired drift' : 'applied');
      if (isDrift) this.#events.driftRepaired(object.kind);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outcome.refused.push({ kind: object.kind, name: object.metadata.name, message: error.message });
      this.#events.warn({ kind: object.kind, name: object.metadata.name, error: error.message }, 'apply was refused');
    }
  }

  async #applyKnown(wanted: KubeObject): Promise<Written> {
    return { wanted, applied: await this.#writer.apply(wanted) };
  }

  /**
   * Applies an object that is missing from the cache. Such an object usually does not exist, so its owner is looked up only if
   * the name is taken. Returns undefined if another owner has the name.
   */
  async #applyNew(wanted: KubeObject, ownerUid: string): Promise<Written | undefined> {
    const applied = await this.#writer.applyNew(wanted);
    if (applied) return { wanted, applied };
    const found = await this.#writer.nameHolder(wanted.kind, wanted.metadata);
    const holder = found && observeObject(found);
    if (holder && holder.ownerUid !== ownerUid) return undefined;
    return this.#applyKnown(holder ? leaveEdits(wanted, holder) : wanted);
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
    if (actual && !changed.has(key))
      settled.set(key, { applied: contentFingerprint(object), observed: actual.content });
  }
}
