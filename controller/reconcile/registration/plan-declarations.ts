/**
 * What to tell the backend: the pipelines that resources declare, compared with those it has. Pure. A `declared pipeline` is
 * the pipeline in a resource's spec; the backend knows it by an id made of the resource's namespace and name.
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

/** By the id of the pipeline. */
export type RegisteredPipelines = ReadonlyMap<string, RegisteredPipeline>;

/** Why the backend did not do what it was told. `failed` is no judgement of the pipeline: the backend has a fault. */
export interface DeclarationRefusal {
  readonly why: 'idTaken' | 'wrong' | 'failed';
  readonly message: string;
  /** The declaration that was refused; absent if a withdrawal was. */
  readonly declaration?: PipelineDeclaration;
}

/** What is known of the backend, for all resources at once. */
export type BackendView =
  | { readonly state: 'notConfigured' }
  /** It has not been asked yet. */
  | { readonly state: 'waiting' }
  | {
      readonly state: 'unreachable' | 'tokenRefused';
      readonly error: string;
      /** The last answer that this process got; absent if it never got one. */
      readonly lastPipelines?: RegisteredPipelines;
    }
  | {
      readonly state: 'answered';
      readonly pipelines: RegisteredPipelines;
      readonly refusals: ReadonlyMap<string, DeclarationRefusal>;
    };

/** `asItIs`: the backend keeps whatever it has for the resource. */
type WantedPipeline = PipelineDeclaration | 'asItIs';

export function pipelineIdOf({ metadata }: TradingPipeline): string {
  return declaredPipelineId({ namespace: metadata.namespace ?? '', name: metadata.name });
}

/** The pipeline that a resource declares; undefined if it declares none or is being deleted. */
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

/** By id. */
export function collectWantedPipelines(resources: Iterable<TradingPipeline>): Map<string, WantedPipeline> {
  const wanted = new Map<string, WantedPipeline>();
  for (const resource of resources) {
    const pipeline = wantedPipelineOf(resource);
    if (pipeline) wanted.set(pipelineIdOf(resource), pipeline);
  }
  return wanted;
}

interface DeclarationsInput {
  /** By id. */
  readonly wanted: ReadonlyMap<string, WantedPipeline>;
  readonly pipelines: RegisteredPipelines;
  /** What the backend refused is left out of the plan; absent to try everything again. */
  readonly refusals?: ReadonlyMap<string, DeclarationRefusal>;
  /** Whether this controller looks after a namespace. */
  readonly watches: (namespace: string) => boolean;
}

export interface DeclarationPlan {
  readonly declare: readonly { readonly id: string; readonly declaration: PipelineDeclaration }[];
  /** Ids that no resource declares. */
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

/** Most pairs are deeply equal, so compare cheaply first. Canonical JSON ignores undefined fields. */
export function isSame(one: PipelineDeclaration | undefined, other: PipelineDeclaration | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return isDeepStrictEqual(one, other) || canonicalJson(one) === canonicalJson(other);
}
