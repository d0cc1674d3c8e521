/**
 * Makes one TradingPipeline true. In: its key, never an event; everything else is read. It writes only what differs, deletes
 * only what its own resource owns, and says in the status what it found. The clock is passed in.
 */
import type { KubeObject } from '../api/kube-object.ts';
import { resources } from '../api/resources.ts';
import type { TradingPipeline, TradingPipelineSpec } from '../api/trading-pipeline.ts';
import type { TradingPipelineStatus } from '../api/trading-pipeline-status.ts';
import { type Compiled, compile } from '../compile/compile.ts';
import type { Owner } from '../compile/objects/object-meta.ts';
import { findCustomRules } from '../compile/objects/prometheus-rule.ts';
import { groupsOf, isAlertRule, type Rule } from '../compile/objects/rule-group.ts';
import { isPaused, keyOf } from './parsed-resource.ts';
import { findLostServices, findQualifiedDashboards, type LostService } from './claims/claims.ts';
import type { Watched } from './monitoring/monitoring.ts';
import type { PrometheusView } from './monitoring/prometheus-view.ts';
import { contentFingerprint, type ObservedObject, observeObject } from './observed.ts';
import { keyOfObject, leaveEdits, type Plan, type PlannedApply, plan, planKey, type Settled } from './plan/plan.ts';
import { type ClusterView, type ClusterWriter, type ReconcileEvents, Refusal } from './ports.ts';
import type { BackendView } from './registration/backend-view.ts';
import { claimantOf, parsedSpec } from './registration/pipeline-registry.ts';
import { observeRegistration } from './registration/registration.ts';
import { type ResolvedService, resolveService } from './claims/resolve-services.ts';
import { planConditionEvents } from './status/condition-events.ts';
import type { Findings, UnwrittenObject } from './status/findings.ts';
import { buildStatus } from './status/status.ts';
import { compareStatus, type StatusChange } from './status/status-change.ts';
import { buildWatched, observeMonitoring } from './monitoring/monitored-resource.ts';

/** `retry`: something stands in the way that the cluster will not tell of when it is gone. */
export type ReconcileResult = 'done' | 'retry';

export interface ReconcilerOptions {
  readonly view: ClusterView;
  readonly writer: ClusterWriter;
  readonly events: ReconcileEvents;
  /** What is known of Prometheus, for all resources. */
  readonly prometheus: () => PrometheusView;
  /** What is known of the backend, for all resources. */
  readonly backend: () => BackendView;
  readonly now: () => Date;
}

/** What is remembered of a pipeline between reconciles. Losing it costs a comparison, never a wrong write. */
interface Memory {
  readonly settled: Map<string, Settled>;
  /** The users' own rules to fall back on, while some of those they ask for are wrong: else those in the cluster are good. */
  goodRules?: readonly Rule[] | undefined;
  /** What the last reconcile found: a status can be made of it again when Prometheus has something new to say. */
  found?: Found;
  writtenAtMs?: number;
  /** When a status was last written for its numbers alone. */
  numbersWrittenAtMs?: number;
}

interface Found {
  readonly generation: number | undefined;
  readonly findings: Findings;
  readonly watched: Watched;
}

/** Numbers alone are written at most this often. */
const NUMBERS_EVERY_MS = 60_000;

/** What was applied, and what is in the cluster now. */
interface Written {
  readonly wanted: KubeObject;
  readonly applied: ObservedObject;
}

/** What became of a plan. */
interface Outcome {
  readonly taken: UnwrittenObject[];
  readonly refused: UnwrittenObject[];
  /** The first failure that is worth another try. */
  failure?: unknown;
}

export class Reconciler {
  readonly #view: ClusterView;
  readonly #writer: ClusterWriter;
  readonly #events: ReconcileEvents;
  readonly #prometheus: () => PrometheusView;
  readonly #backend: () => BackendView;
  readonly #now: () => Date;
  readonly #memories = new Map<string, Memory>();

  constructor({ view, writer, events, prometheus, backend, now }: ReconcilerOptions) {
    this.#view = view;
    this.#prometheus = prometheus;
    this.#backend = backend;
    this.#writer = writer;
    this.#events = events;
    this.#now = now;
  }

  /** @throws when the API server cannot be reached or fails: try again */
  async reconcile(key: string): Promise<ReconcileResult> {
    const pipeline = this.#view.pipeline(key);
    if (!pipeline) return this.#removeOrphans(key);
    if (pipeline.metadata.deletionTimestamp) return 'done';
    if (isPaused(pipeline)) {
      await this.#writeStatus(pipeline, { ...NO_FINDINGS, paused: true });
      return 'done';
    }
    const parsed = parsedSpec(pipeline);
    if ('problems' in parsed) {
      await this.#writeStatus(pipeline, nothingBut(parsed.problems));
      return 'done';
    }
    return this.#makeTrue(pipeline, parsed.spec);
  }

  /** Whether Prometheus or the backend has said something that the status must say. Costs no write and no compiling. */
  isStatusOld(key: string): boolean {
    const pipeline = this.#view.pipeline(key);
    const memory = this.#memories.get(key);
    if (!pipeline || isPaused(pipeline) || !memory?.found || memory.found.generation !== pipeline.metadata.generation)
      return false;
    return this.#nextStatus(pipeline, this.#withAnswers(pipeline, memory.found, memory), memory).change !== 'none';
  }

  #withAnswers(pipeline: TradingPipeline, { findings, watched }: Found, { writtenAtMs }: Memory): Findings {
    const around = { view: this.#view, prometheus: this.#prometheus(), nowMs: this.#now().getTime(), writtenAtMs };
    const registration = observeRegistration(pipeline, this.#backend());
    return { ...findings, monitoring: observeMonitoring(watched, around), ...(registration && { registration }) };
  }

  async #makeTrue(pipeline: TradingPipeline, spec: TradingPipelineSpec): Promise<ReconcileResult> {
    const key = keyOf(pipeline);
    const memory = this.#memoryOf(key);
    const lostServices = findLostServices(claimantOf(pipeline), this.#view.claimHolders(pipeline));
    const compiled = await this.#compile(pipeline, spec, lostServices, memory);

    const observed = this.#view.generated(key);
    const ownerUid = pipeline.metadata.uid ?? '';
    const planned = plan({ ownerUid, desired: compiled.objects, observed, settled: memory.settled });
    const outcome = await this.#execute(planned, ownerUid, memory);
    this.#settleUnchanged(planned, compiled.objects, observed, memory);
    this.#forgetSettled(planned, memory);
    if (outcome.failure) throw outcome.failure;

    const services = this.#resolveServices(pipeline, spec);
    const findings = gatherFindings(compiled, outcome, lostServices, services);
    const [written, unwritten] = partByWritten(compiled, outcome);
    const watched = buildWatched({ owner: ownerOf(pipeline), spec, written, unwritten, kept: planned.kept });
    memory.found = { generation: pipeline.metadata.generation, findings, watched };
    await this.#writeStatus(pipeline, this.#withAnswers(pipeline, memory.found, memory), memory);
    return outcome.taken.length + outcome.refused.length > 0 ? 'retry' : 'done';
  }

  async #compile(
    pipeline: TradingPipeline,
    spec: TradingPipelineSpec,
    lost: readonly LostService[],
    memory: Memory,
  ): Promise<Compiled> {
    const input = {
      owner: ownerOf(pipeline),
      spec,
      lostServices: new Set(lost.map(({ service }) => service)),
      qualifiedDashboards: findQualifiedDashboards(claimantOf(pipeline), this.#view.claimHolders(pipeline)),
    };
    let compiled = compile({ ...input, lastGoodRules: memory.goodRules });
    const hasRejected = compiled.rejectedRules.length > 0;
    if (hasRejected && !memory.goodRules)
      compiled = compile({ ...input, lastGoodRules: await this.#readGoodRules(keyOf(pipeline)) });
    memory.goodRules = hasRejected ? compiled.customRules : undefined;
    return compiled;
  }

  /** Those in the cluster: what is wrong never gets there. */
  async #readGoodRules(key: string): Promise<readonly Rule[]> {
    const known = this.#view.generated(key).filter(({ kind }) => kind === resources.prometheusRule.kind);
    const found = await Promise.all(known.map((object) => this.#writer.nameHolder(object.kind, object)));
    return found.flatMap((object) => (object ? findCustomRules(object) : []));
  }

  #memoryOf(key: string): Memory {
    const known = this.#memories.get(key);
    if (known) return known;
    const memory: Memory = { settled: new Map() };
    this.#memories.set(key, memory);
    return memory;
  }

  /** The resource is gone: so is what it owned. A cluster's garbage collector does the same, and neither minds the other. */
  async #removeOrphans(key: string): Promise<ReconcileResult> {
    this.#memories.delete(key);
    const living = new Set<string | undefined>();
    for (const pipeline of this.#view.pipelines()) living.add(pipeline.metadata.uid);
    const orphans = this.#view.generated(key).filter(({ ownerUid }) => ownerUid !== undefined && !living.has(ownerUid));
    await Promise.all(orphans.map((object) => this.#delete(object)));
    return 'done';
  }

  async #execute(planned: Plan, ownerUid: string, memory: Memory): Promise<Outcome> {
    const outcome: Outcome = { taken: planned.foreign.map(takenName), refused: [] };
    const attempt = async (work: Promise<void>) => {
      try {
        await work;
      } catch (error) {
        outcome.failure ??= error;
      }
    };
    await Promise.all([
      ...planned.apply.map((one) => attempt(this.#apply(one, ownerUid, memory, outcome))),
      ...planned.delete.map((object) => attempt(this.#delete(object))),
    ]);
    return outcome;
  }

  async #apply(
    { object, isNew, isDrift }: PlannedApply,
    ownerUid: string,
    memory: Memory,
    outcome: Outcome,
  ): Promise<void> {
    try {
      const written = isNew ? await this.#applyNew(object, ownerUid) : await this.#applyKnown(object);
      if (!written) {
        outcome.taken.push(takenName(object));
        return;
      }
      const { wanted, applied } = written;
      memory.settled.set(planKey(applied), { applied: contentFingerprint(wanted), observed: applied.content });
      memory.writtenAtMs = this.#now().getTime();
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

  /** The name of what the cache does not know is free, as a rule: whose it is, is asked only where it is not. */
  async #applyNew(wanted: KubeObject, ownerUid: string): Promise<Written | undefined> {
    const applied = await this.#writer.applyNew(wanted);
    if (applied) return { wanted, applied };
    const found = await this.#writer.nameHolder(wanted.kind, wanted.metadata);
    const holder = found && observeObject(found);
    if (holder && holder.ownerUid !== ownerUid) return undefined;
    return this.#applyKnown(holder ? leaveEdits(wanted, holder) : wanted);
  }

  async #delete(object: ObservedObject): Promise<void> {
    await this.#writer.delete(object);
    this.#events.info({ kind: object.kind, namespace: object.namespace, name: object.name }, 'deleted');
  }

  /** What is as it should be is remembered as ours, so that its loss counts as drift. */
  #settleUnchanged(
    planned: Plan,
    desired: readonly KubeObject[],
    observed: readonly ObservedObject[],
    memory: Memory,
  ): void {
    const unlike = [...planned.apply, ...planned.kept].map(({ object }) => object);
    const changed = new Set([...unlike, ...planned.foreign].map(keyOfObject));
    const present = new Map(observed.map((object) => [planKey(object), object]));
    for (const object of desired) {
      const key = keyOfObject(object);
      const actual = present.get(key);
      if (actual && !changed.has(key))
        memory.settled.set(key, { applied: contentFingerprint(object), observed: actual.content });
    }
  }

  #forgetSettled(planned: Plan, memory: Memory): void {
    for (const object of planned.delete) memory.settled.delete(planKey(object));
  }

  #resolveServices(pipeline: TradingPipeline, spec: TradingPipelineSpec): ResolvedService[] {
    const { namespace = '' } = pipeline.metadata;
    const found = {
      namespace,
      services: [...this.#view.services(namespace)],
      endpointsOf: (service: string) => this.#view.endpoints(namespace, service),
    };
    return (spec.services ?? []).map((service) => resolveService(service, found));
  }

  async #writeStatus(pipeline: TradingPipeline, findings: Findings, memory?: Memory): Promise<void> {
    const { status, change } = this.#nextStatus(pipeline, findings, memory);
    if (change === 'none') return;
    const { apiVersion, kind, metadata } = pipeline;
    await this.#writer.applyStatus({
      apiVersion,
      kind,
      metadata: { namespace: metadata.namespace, name: metadata.name },
      status,
    });
    if (memory && change === 'numbers') memory.numbersWrittenAtMs = this.#now().getTime();
    const events = planConditionEvents(pipeline.status?.conditions ?? [], status.conditions ?? []);
    if (events.length > 0) this.#events.conditionsChanged(pipeline, events);
  }

  #nextStatus(
    pipeline: TradingPipeline,
    findings: Findings,
    memory?: Memory,
  ): { readonly status: TradingPipelineStatus; readonly change: StatusChange } {
    const now = this.#now();
    const status = buildStatus(pipeline, findings, now.toISOString().replace(/\.\d+Z$/, 'Z'));
    const change = compareStatus(pipeline.status, status);
    const isEarly = now.getTime() - (memory?.numbersWrittenAtMs ?? 0) < NUMBERS_EVERY_MS;
    return { status, change: change === 'numbers' && isEarly ? 'none' : change };
  }
}

function ownerOf({ metadata }: TradingPipeline): Owner {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

function takenName({ kind, metadata }: KubeObject): UnwrittenObject {
  return { kind, name: metadata.name, message: 'the name is taken' };
}

const NO_FINDINGS: Findings = {
  invalid: [],
  services: [],
  lostServices: [],
  rejectedRules: [],
  taken: [],
  refused: [],
  resources: [],
  alerts: 0,
};

function nothingBut(invalid: readonly string[]): Findings {
  return { ...NO_FINDINGS, invalid };
}

function gatherFindings(
  compiled: Compiled,
  outcome: Outcome,
  lostServices: readonly LostService[],
  services: readonly ResolvedService[],
): Findings {
  const [written] = partByWritten(compiled, outcome);
  const resources = written.map(({ kind, metadata }) => ({ kind, name: metadata.name }));
  const groups = written.flatMap(groupsOf);
  const alerts = groups.reduce((count, { rules }) => count + rules.filter(isAlertRule).length, 0);
  return {
    invalid: [],
    services,
    lostServices,
    rejectedRules: compiled.rejectedRules,
    taken: outcome.taken,
    refused: outcome.refused,
    resources,
    alerts,
  };
}

function partByWritten(
  compiled: Compiled,
  { taken, refused }: Outcome,
): [written: KubeObject[], unwritten: KubeObject[]] {
  const unwritten = new Set([...taken, ...refused].map(planKey));
  const isWritten = (object: KubeObject) => !unwritten.has(keyOfObject(object));
  return [compiled.objects.filter(isWritten), compiled.objects.filter((object) => !isWritten(object))];
}
