/**
 * Reconciles the cluster with one TradingPipeline. It gets the key of the resource, never an event, and reads everything else
 * from the ports. It writes only objects that differ, deletes only objects that the resource owns, and reports everything it
 * found in the status.
 */
import { type KubeObject, resources } from '../api/kube-object.ts';
import type { TradingPipeline, TradingPipelineSpec } from '../api/trading-pipeline.ts';
import type { TradingPipelineStatus } from '../api/trading-pipeline-status.ts';
import { type Compiled, compile } from '../compile/compile.ts';
import { groupsOf, isAlertRule, type Rule } from '../compile/objects/generated-object.ts';
import { findCustomRules } from '../compile/objects/prometheus-rule.ts';
import { checkSteps } from '../compile/promql/check-steps.ts';
import {
  claimantOf,
  findLostServices,
  findQualifiedDashboards,
  type LostService,
  type ResolvedService,
  resolveService,
} from './claims/claims.ts';
import { buildMonitoredResource, observeMonitoring } from './monitoring/monitored-resource.ts';
import type { MonitoredResource } from './monitoring/monitoring.ts';
import type { PrometheusView } from './monitoring/prometheus-view.ts';
import { isPaused, keyOf, ownerOf, parsedSpec } from './observed.ts';
import type { Contest } from './plan/contest.ts';
import { type ForeignObject, type Outcome, PlanExecutor } from './plan/execute-plan.ts';
import { keyOfObject, plan, planKey, type Settled } from './plan/plan.ts';
import type { ClusterView, ClusterWriter, ReconcileEvents } from './ports.ts';
import { observeTrigger } from './registration/observe-trigger.ts';
import { type BackendView, observeRegistration } from './registration/registration.ts';
import { type Findings, NO_FINDINGS } from './status/conditions.ts';
import { planTakenBackEvents } from './status/foreign-fields.ts';
import { buildStatus, compareStatus, planConditionEvents, type StatusChange } from './status/status.ts';

/**
 * `retry`: an object could not be written, and no watch will tell when the obstacle is gone. `againInMs`: the repair of an object
 * waits, because another field manager changes the object again and again.
 */
type ReconcileResult = 'done' | 'retry' | { readonly againInMs: number };

interface ReconcilerOptions {
  readonly view: ClusterView;
  readonly writer: ClusterWriter;
  readonly events: ReconcileEvents;
  /** Returns what the controller knows of Prometheus, for all TradingPipelines. */
  readonly prometheus: () => PrometheusView;
  /** Returns what the controller knows of the backend, for all TradingPipelines. */
  readonly backend: () => BackendView;
  readonly now: () => Date;
}

/**
 * What the reconciler remembers of a TradingPipeline between reconciles. If the memory is lost, the next reconcile
 * compares more, but writes nothing wrong.
 */
interface Memory {
  /** What the last applies left in the cluster, keyed by planKey. */
  readonly settled: Map<string, Settled>;
  /** The recent repairs of each object, keyed by planKey. */
  readonly contests: Map<string, Contest>;
  /** The last valid custom rules. Set only while some custom rules in the spec are invalid. */
  goodRules?: readonly Rule[] | undefined;
  /**
   * The result of the last reconcile. If only the responses of Prometheus and the backend are new, a new status is built from
   * it.
   */
  found?: Found;
  /**
   * When an object of the TradingPipeline was last applied, in ms since 1970; undefined if this process has applied
   * none.
   */
  writtenAtMs?: number;
  /** When a status in which only figures had changed was last written, in ms since 1970. */
  numbersWrittenAtMs?: number;
}

interface Found {
  readonly generation: number | undefined;
  readonly findings: Findings;
  readonly monitored: MonitoredResource;
}

/** A status in which only figures have changed is written at most this often. */
const NUMBERS_EVERY_MS = 60_000;

export class Reconciler {
  readonly #view: ClusterView;
  readonly #writer: ClusterWriter;
  readonly #events: ReconcileEvents;
  readonly #prometheus: () => PrometheusView;
  readonly #backend: () => BackendView;
  readonly #now: () => Date;
  readonly #executor: PlanExecutor;
  readonly #memories = new Map<string, Memory>();

  constructor({ view, writer, events, prometheus, backend, now }: ReconcilerOptions) {
    this.#view = view;
    this.#writer = writer;
    this.#events = events;
    this.#prometheus = prometheus;
    this.#backend = backend;
    this.#now = now;
    this.#executor = new PlanExecutor({ writer, events, now });
  }

  /** Reconciles the resource with this key. @throws Error if the API server cannot be reached or fails; a retry may succeed */
  async reconcile(key: string): Promise<ReconcileResult> {
    const resource = this.#view.resource(key);
    if (!resource) return this.#removeOrphans(key);
    if (resource.metadata.deletionTimestamp) return 'done';
    if (isPaused(resource)) {
      await this.#writeStatus(resource, { ...NO_FINDINGS, paused: true });
      return 'done';
    }
    const parsed = parsedSpec(resource);
    if ('problems' in parsed) {
      await this.#writeStatus(resource, { ...NO_FINDINGS, invalid: parsed.problems });
      return 'done';
    }
    return this.#reconcileObjects(resource, parsed.spec);
  }

  /** Returns the checks of the resource's queries, each a step of its own. The next reconcile uses their results. */
  checkSteps(key: string): Iterable<() => void> {
    const resource = this.#view.resource(key);
    const parsed = resource && !isPaused(resource) ? parsedSpec(resource) : undefined;
    return parsed && 'spec' in parsed ? checkSteps(parsed.spec) : [];
  }

  /**
   * Returns whether the last responses of Prometheus and the backend would change the status. Compiles nothing and writes
   * nothing.
   */
  isStatusOld(key: string): boolean {
    const resource = this.#view.resource(key);
    const memory = this.#memories.get(key);
    if (!resource || isPaused(resource) || !memory?.found || memory.found.generation !== resource.metadata.generation)
      return false;
    return this.#nextStatus(resource, this.#addAnswers(resource, memory.found, memory), memory).change !== 'none';
  }

  async #reconcileObjects(resource: TradingPipeline, spec: TradingPipelineSpec): Promise<ReconcileResult> {
    const key = keyOf(resource);
    const memory = this.#memoryOf(key);
    const lostServices = findLostServices(claimantOf(resource), this.#view.claimHolders(resource));
    const compiled = await this.#compile(resource, spec, lostServices, memory);

    const ownerUid = resource.metadata.uid ?? '';
    const from = {
      ownerUid,
      desired: compiled.objects,
      observed: this.#view.objects(key),
      settled: memory.settled,
      contests: memory.contests,
      foreignFields: spec.foreignFields,
    };
    const planned = plan(from);
    const outcome = await this.#executor.execute(planned, from);
    if (outcome.writtenAtMs !== undefined) memory.writtenAtMs = outcome.writtenAtMs;
    if (outcome.failure) throw outcome.failure;

    const takenBack = planTakenBackEvents(outcome.takenBack);
    if (takenBack.length > 0) this.#events.conditionsChanged(resource, takenBack);
    const findings = {
      ...gatherFindings(compiled, outcome, lostServices, this.#resolveServices(resource, spec)),
      additions: findSettledAdditions(compiled.objects, memory.settled),
    };
    const [written, unwritten] = partByWritten(compiled, outcome);
    const { kept } = planned;
    const monitored = buildMonitoredResource({ owner: ownerOf(resource), spec, written, unwritten, kept });
    memory.found = { generation: resource.metadata.generation, findings, monitored };
    await this.#writeStatus(resource, this.#addAnswers(resource, memory.found, memory), memory);
    if (outcome.taken.length + outcome.refused.length > 0) return 'retry';
    return outcome.againInMs === undefined ? 'done' : { againInMs: outcome.againInMs };
  }

  /** Adds the findings from the last responses of Prometheus and the backend. */
  #addAnswers(resource: TradingPipeline, { findings, monitored }: Found, { writtenAtMs }: Memory): Findings {
    const around = { view: this.#view, prometheus: this.#prometheus(), nowMs: this.#now().getTime(), writtenAtMs };
    const registration = observeRegistration(resource, this.#backend());
    const trigger = observeTrigger(resource, this.#backend());
    return {
      ...{ ...findings, monitoring: observeMonitoring(monitored, around) },
      ...{ ...(registration && { registration }), ...(trigger && { trigger }) },
    };
  }

  async #compile(
    resource: TradingPipeline,
    spec: TradingPipelineSpec,
    lost: readonly LostService[],
    memory: Memory,
  ): Promise<Compiled> {
    const input = {
      owner: ownerOf(resource),
      spec,
      lostServices: new Set(lost.map(({ service }) => service)),
      qualifiedDashboards: findQualifiedDashboards(claimantOf(resource), this.#view.claimHolders(resource)),
    };
    let compiled = compile({ ...input, lastGoodRules: memory.goodRules });
    const hasRejected = compiled.rejectedRules.length > 0;
    if (hasRejected && !memory.goodRules)
      compiled = compile({ ...input, lastGoodRules: await this.#readGoodRules(keyOf(resource)) });
    memory.goodRules = hasRejected ? compiled.customRules : undefined;
    return compiled;
  }

  /** Reads the custom rules in the cluster. They are valid, because an invalid rule is never written. */
  async #readGoodRules(key: string): Promise<readonly Rule[]> {
    const known = this.#view.objects(key).filter(({ kind }) => kind === resources.prometheusRule.kind);
    const found = await Promise.all(known.map((object) => this.#writer.nameHolder(object.kind, object)));
    return found.flatMap((object) => (object ? findCustomRules(object) : []));
  }

  #memoryOf(key: string): Memory {
    const known = this.#memories.get(key);
    if (known) return known;
    const memory: Memory = { settled: new Map(), contests: new Map() };
    this.#memories.set(key, memory);
    return memory;
  }

  /**
   * Deletes the objects that remain of a deleted TradingPipeline. Kubernetes' garbage collector may delete them at the
   * same time; an object that no longer exists is no error.
   */
  async #removeOrphans(key: string): Promise<ReconcileResult> {
    this.#memories.delete(key);
    const living = new Set<string | undefined>();
    for (const resource of this.#view.resources()) living.add(resource.metadata.uid);
    const orphans = this.#view.objects(key).filter(({ ownerUid }) => ownerUid !== undefined && !living.has(ownerUid));
    await Promise.all(orphans.map((object) => this.#executor.delete(object)));
    return 'done';
  }

  #resolveServices(resource: TradingPipeline, spec: TradingPipelineSpec): ResolvedService[] {
    const { namespace = '' } = resource.metadata;
    const found = {
      namespace,
      services: [...this.#view.services(namespace)],
      endpointsOf: (service: string) => this.#view.endpoints(namespace, service),
    };
    return (spec.services ?? []).map((service) => resolveService(service, found));
  }

  async #writeStatus(resource: TradingPipeline, findings: Findings, memory?: Memory): Promise<void> {
    const { status, change } = this.#nextStatus(resource, findings, memory);
    if (change === 'none') return;
    const { apiVersion, kind, metadata } = resource;
    await this.#writer.applyStatus({
      apiVersion,
      kind,
      metadata: { namespace: metadata.namespace, name: metadata.name },
      status,
    });
    if (memory && change === 'numbers') memory.numbersWrittenAtMs = this.#now().getTime();
    const events = planConditionEvents(resource.status?.conditions ?? [], status.conditions ?? []);
    if (events.length > 0) this.#events.conditionsChanged(resource, events);
  }

  #nextStatus(
    resource: TradingPipeline,
    findings: Findings,
    memory?: Memory,
  ): { readonly status: TradingPipelineStatus; readonly change: StatusChange } {
    const now = this.#now();
    const status = buildStatus(resource, findings, now.toISOString().replace(/\.\d+Z$/, 'Z'));
    const change = compareStatus(resource.status, status);
    const isEarly = now.getTime() - (memory?.numbersWrittenAtMs ?? 0) < NUMBERS_EVERY_MS;
    return { status, change: change === 'numbers' && isEarly ? 'none' : change };
  }
}

function gatherFindings(
  compiled: Compiled,
  outcome: Outcome,
  lostServices: readonly LostService[],
  services: readonly ResolvedService[],
): Findings {
  const [written] = partByWritten(compiled, outcome);
  const groups = written.flatMap(groupsOf);
  return {
    invalid: [],
    services,
    lostServices,
    rejectedRules: compiled.rejectedRules,
    taken: outcome.taken,
    refused: outcome.refused,
    contested: outcome.contested,
    objects: written.map(({ kind, metadata }) => ({ kind, name: metadata.name })),
    alerts: groups.reduce((count, { rules }) => count + rules.filter(isAlertRule).length, 0),
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

/** Returns the fields of other field managers that the policy of the resource leaves in its objects. */
function findSettledAdditions(
  objects: readonly KubeObject[],
  settled: ReadonlyMap<string, Settled>,
): readonly ForeignObject[] {
  return objects.flatMap((object) => {
    const fields = settled.get(keyOfObject(object))?.additions;
    return fields ? [{ kind: object.kind, name: object.metadata.name, fields }] : [];
  });
}
