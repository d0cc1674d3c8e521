/**
 * Decides which pipelines to declare to the backend and which to withdraw, by comparing the pipelines that resources declare
 * with those that the backend has. Pure. A `declared pipeline` is the pipeline in a resource's spec; the backend knows it by an
 * id made of the resource's namespace and name.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  declaredPipelineId,
  type ExecutionFigures,
  type PipelineDeclaration,
  parseDeclaredPipelineId,
} from '#catalogue/declared-pipelines.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import { isPaused, parsedSpec } from '../parsed-resource.ts';
import { canonicalJson } from '../plan/fingerprint.ts';

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

/** What the controller knows of the backend, for all resources at once. */
export type BackendView =
  | { readonly state: 'notConfigured' }
  /** The backend has not been polled yet. */
  | { readonly state: 'waiting' }
  | {
      readonly state: 'unreachable' | 'tokenRefused';
      readonly error: string;
      /** The pipelines in the last response to this process; absent if there was no response yet. */
      readonly lastPipelines?: RegisteredPipelines;
    }
  | {
      readonly state: 'answered';
      readonly pipelines: RegisteredPipelines;
      readonly refusals: ReadonlyMap<string, DeclarationRefusal>;
    };

/** `asItIs`: the resource is paused or invalid, so the backend keeps whatever it has for the resource. */
type WantedPipeline = PipelineDeclaration | 'asItIs';

export function pipelineIdOf({ metadata }: TradingPipeline): string {
  return declaredPipelineId({ namespace: metadata.namespace ?? '', name: metadata.name });
}

/** Returns the pipeline that a resource declares, or undefined if it declares none or is being deleted. */
export function wantedPipelineOf(resource: TradingPipeline): WantedPipeline | undefined {
  if (resource.metadata.deletionTimestamp) return undefined;
  const parsed = parsedSpec(resource);
  if (isPaused(resource) || 'problems' in parsed) return 'asItIs';
  const { pipeline } = parsed.spec;
  if (!pipeline) return undefined;
  const { mode, signals } = pipeline.trigger;
  const trigger = mode === 'signal' && signals ? { mode, signals } : ({ mode: 'manual' } as const);
  return { ...pipeline, trigger };
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
  /** Pipelines that resources declare, keyed by id. */
  readonly wanted: ReadonlyMap<string, WantedPipeline>;
  readonly pipelines: RegisteredPipelines;
  /** Requests that the backend refused, which are left out of the plan. If absent, all requests are tried again. */
  readonly refusals?: ReadonlyMap<string, DeclarationRefusal>;
  /** Returns whether this controller watches a namespace. */
  readonly watches: (namespace: string) => boolean;
}

export interface DeclarationPlan {
  readonly declare: readonly { readonly id: string; readonly declaration: PipelineDeclaration }[];
  /** Ids of pipelines that no resource declares any more. */
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
export function isSame(one: PipelineDeclaration | undefined, other: PipelineDeclaration | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return isDeepStrictEqual(one, other) || canonicalJson(one) === canonicalJson(other);
}
