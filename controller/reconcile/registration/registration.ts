/**
 * Decides which pipelines to declare to the backend and which to withdraw, by comparing the pipelines that resources declare
 * with those that the backend has. For one resource, finds out whether the backend has its pipeline, and how many executions
 * failed. Pure.
 *
 * A `declared pipeline` is the pipeline in a resource's spec; the backend knows it by an id made of the resource's namespace
 * and name. While the backend does not respond, a resource stays Ready if its declared pipeline is known to be registered in
 * its current form, because nothing that the resource asks for is missing.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  declaredPipelineId,
  type ExecutionFigures,
  type PipelineDeclaration,
  parseDeclaredPipelineId,
} from '#catalogue/declared-pipelines.ts';
import type { Emitted } from '#trading/signals/emitted.ts';
import { conditionTypes, reasons } from '../../api/names.ts';
import type { TradingPipeline, TradingPipelineSpec } from '../../api/trading-pipeline.ts';
import type { Condition, TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import { canonicalJson, isPaused, parsedSpec } from '../observed.ts';
import type { Problem, Verdict } from '../status/verdict.ts';

export interface RegisteredPipeline {
  readonly declaration: PipelineDeclaration;
  readonly executions: ExecutionFigures;
}

/** The pipelines that the backend has, keyed by id. */
export type RegisteredPipelines = ReadonlyMap<string, RegisteredPipeline>;

/**
 * Why the backend did not declare or withdraw a pipeline. `failed` means that the backend itself had an error, not that the
 * pipeline is wrong.
 */
export interface DeclarationRefusal {
  readonly why: 'idTaken' | 'wrong' | 'failed';
  readonly message: string;
  /** The declaration that was refused; absent if the refused request was a withdrawal. */
  readonly declaration?: PipelineDeclaration;
}

/** What the controller knows of the backend, for all TradingPipelines at once. */
export type BackendView =
  | { readonly state: 'notConfigured' }
  /** The backend has not been polled yet. */
  | { readonly state: 'waiting' }
  | {
      readonly state: 'unreachable' | 'tokenRefused';
      readonly error: string;
      /** The pipelines in the last response to this process; absent if there was no response yet. */
      readonly lastPipelines?: RegisteredPipelines;
      /** What the platform emitted according to the last response; absent if there was none. */
      readonly emitted?: Emitted | undefined;
    }
  | {
      readonly state: 'answered';
      readonly pipelines: RegisteredPipelines;
      readonly refusals: ReadonlyMap<string, DeclarationRefusal>;
      /** What the platform emits; absent if the backend does not say. */
      readonly emitted?: Emitted | undefined;
    };

/** `asItIs`: the TradingPipeline is paused or invalid, so its pipeline in the backend, if any, is left as it is. */
type WantedPipeline = PipelineDeclaration | 'asItIs';

/** Returns the pipeline that a resource declares now; undefined if it declares none, or none that may be registered. */
export function declarationOf(resource: TradingPipeline): PipelineDeclaration | undefined {
  const wanted = wantedPipelineOf(resource);
  return wanted === 'asItIs' ? undefined : wanted;
}

function pipelineIdOf({ metadata }: TradingPipeline): string {
  return declaredPipelineId({ namespace: metadata.namespace ?? '', name: metadata.name });
}

/** Returns the pipeline that a resource declares, or undefined if it declares none or is being deleted. */
function wantedPipelineOf(resource: TradingPipeline): WantedPipeline | undefined {
  if (resource.metadata.deletionTimestamp) return undefined;
  const parsed = parsedSpec(resource);
  if (isPaused(resource) || 'problems' in parsed) return 'asItIs';
  const { pipeline } = parsed.spec;
  if (!pipeline) return undefined;
  return { ...pipeline, trigger: triggerOf(pipeline.trigger) };
}

/** Returns a trigger in the form of the API. The schema requires the fields of each mode, so a mode keeps its fields. */
function triggerOf(trigger: NonNullable<TradingPipelineSpec['pipeline']>['trigger']): PipelineDeclaration['trigger'] {
  const { mode, signals, schedule, timeZone = 'UTC' } = trigger;
  if (mode === 'signal' && signals) return { mode, signals };
  if (mode === 'periodic' && schedule !== undefined) return { mode, schedule, timeZone };
  return { mode: 'manual' };
}

/** Pipelines that resources declare, keyed by id. */
export function collectWantedPipelines(resources: Iterable<TradingPipeline>): Map<string, WantedPipeline> {
  const wanted = new Map<string, WantedPipeline>();
  for (const resource of resources) {
    const pipeline = wantedPipelineOf(resource);
    if (pipeline) wanted.set(pipelineIdOf(resource), pipeline);
  }
  return wanted;
}

interface DeclarationsInput {
  /** Pipelines that TradingPipelines declare, keyed by id. */
  readonly wanted: ReadonlyMap<string, WantedPipeline>;
  readonly pipelines: RegisteredPipelines;
  /** Requests that the backend refused, which are left out of the plan. If absent, all requests are tried again. */
  readonly refusals?: ReadonlyMap<string, DeclarationRefusal>;
  /** Returns whether this controller watches a namespace. */
  readonly watches: (namespace: string) => boolean;
}

export interface DeclarationPlan {
  readonly declare: readonly { readonly id: string; readonly declaration: PipelineDeclaration }[];
  /** Ids of pipelines that no TradingPipeline declares any more. */
  readonly withdraw: readonly string[];
}

export function planDeclarations({ wanted, pipelines, refusals, watches }: DeclarationsInput): DeclarationPlan {
  const declare = [...wanted].flatMap(([id, declaration]) => {
    if (declaration === 'asItIs' || isSame(pipelines.get(id)?.declaration, declaration)) return [];
    return isSame(refusals?.get(id)?.declaration, declaration) ? [] : [{ id, declaration }];
  });
  const unwanted = [...pipelines.keys()].filter(
    (id) => !wanted.has(id) && watches(parseDeclaredPipelineId(id).namespace),
  );
  return { declare, withdraw: unwanted.filter((id) => !refusals?.has(id)) };
}

/**
 * Returns whether two declarations are equal. Most pairs are deeply equal, so the cheap comparison comes first. Canonical JSON
 * ignores undefined fields.
 */
function isSame(one: PipelineDeclaration | undefined, other: PipelineDeclaration | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return isDeepStrictEqual(one, other) || canonicalJson(one) === canonicalJson(other);
}

/** The declared pipeline of one TradingPipeline, as the backend knows it. */
export interface Registration {
  /** Status, reason and message of the condition PipelineRegistered. */
  readonly verdict: Verdict;
  /** Set if the pipeline is not registered, which keeps the TradingPipeline from being Ready. */
  readonly problem?: Problem;
  readonly executions?: TradingPipelineStatus['executions'];
}

/** Returns what the backend says about the declared pipeline, or undefined if the resource declares none. */
export function observeRegistration(resource: TradingPipeline, view: BackendView): Registration | undefined {
  const declaration = declarationOf(resource);
  if (declaration === undefined) return undefined;
  const id = pipelineIdOf(resource);
  if (view.state !== 'answered') return judgeSilence(resource, declaration, view);
  const executions = presentExecutions(view.pipelines.get(id));
  return { ...judgeAnswer(resource, declaration, view), ...(executions && { executions }) };
}

type Answered = Extract<BackendView, { state: 'answered' }>;
type Silent = Exclude<BackendView, Answered>;

function judgeAnswer(resource: TradingPipeline, declaration: PipelineDeclaration, view: Answered): Registration {
  const id = pipelineIdOf(resource);
  if (isSame(view.pipelines.get(id)?.declaration, declaration)) {
    const message = `the backend has the pipeline ${id}${declaration.paused ? ', and it is paused' : ''}`;
    return { verdict: { status: 'True', reason: reasons.pipelineDeclared, message } };
  }
  const refusal = view.refusals.get(id);
  if (refusal && isSame(refusal.declaration, declaration)) return judgeRefusal(refusal);
  return awaitAnswer(resource);
}

function judgeRefusal({ why, message }: DeclarationRefusal): Registration {
  if (why === 'failed') return withProblem({ status: 'Unknown', reason: reasons.backendUnreachable, message });
  const reason = why === 'idTaken' ? reasons.pipelineIdTaken : reasons.pipelineRefused;
  return withProblem({ status: 'False', reason, message });
}

function judgeSilence(resource: TradingPipeline, declaration: PipelineDeclaration, view: Silent): Registration {
  const judged = view.state === 'waiting' ? awaitAnswer(resource) : withProblem(explainSilence(view));
  return wasRegistered(resource, declaration, view) ? { verdict: judged.verdict } : judged;
}

function explainSilence(view: Exclude<Silent, { state: 'waiting' }>): Verdict {
  switch (view.state) {
    case 'notConfigured': {
      const message =
        'set PIPELINES_API_URL and PIPELINES_API_TOKEN of the controller, so that it can register pipelines';
      return { status: 'False', reason: reasons.backendNotConfigured, message };
    }
    case 'tokenRefused':
      return { status: 'False', reason: reasons.backendTokenRefused, message: view.error };
    case 'unreachable': {
      const message = `the backend does not answer: ${view.error}`;
      return { status: 'Unknown', reason: reasons.backendUnreachable, message };
    }
  }
}

const refusedReasons: readonly string[] = [reasons.pipelineIdTaken, reasons.pipelineRefused];

/**
 * Returns the registration until the backend has responded to this process. If the status contains a refusal from
 * before a restart of the controller, the refusal stays valid until then.
 */
function awaitAnswer(resource: TradingPipeline): Registration {
  const before = currentCondition(resource, conditionTypes.pipelineRegistered);
  if (before && refusedReasons.includes(before.reason)) return withProblem(before as Verdict);
  const message = `the pipeline ${pipelineIdOf(resource)} is about to be registered with the backend`;
  return withProblem({ status: 'Unknown', reason: reasons.waitingForBackend, message });
}

/**
 * Adds a problem to the verdict of a condition. The problem of a False condition lasts until somebody acts; that of an
 * Unknown condition may resolve by itself.
 */
function withProblem({ status, reason, message }: Verdict): Registration {
  return { verdict: { status, reason, message }, problem: { reason, message, stalled: status === 'False' } };
}

/**
 * Returns whether the declared pipeline was registered in its current form: according to the backend's last response to
 * this process, or after a restart, according to the status in the cluster.
 */
function wasRegistered(resource: TradingPipeline, declaration: PipelineDeclaration, view: Silent): boolean {
  const last = 'lastPipelines' in view ? view.lastPipelines : undefined;
  if (last) return isSame(last.get(pipelineIdOf(resource))?.declaration, declaration);
  return currentCondition(resource, conditionTypes.ready)?.status === 'True';
}

/** Returns the condition in the resource's status if it was written for the current generation, otherwise undefined. */
function currentCondition({ metadata, status }: TradingPipeline, type: string): Condition | undefined {
  const found = status?.conditions?.find((condition) => condition.type === type);
  return found?.observedGeneration === metadata.generation ? found : undefined;
}

/**
 * Returns the figures of the executions for the status. The time of the last execution is cut to the minute, so that it
 * changes the status at most once a minute.
 */
function presentExecutions(registered: RegisteredPipeline | undefined): Registration['executions'] {
  if (!registered) return undefined;
  const { total, failed, last } = registered.executions;
  return { total, failed, ...(last !== null && { last: `${last.slice(0, 16)}:00Z` }) };
}
