/** What resources ask of the backend against what it has → what to declare and to withdraw. Pure. */
import { isDeepStrictEqual } from 'node:util';
import {
  declaredPipelineId,
  type PipelineDeclaration,
  parseDeclaredPipelineId,
} from '#catalogue/declared-pipelines.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import { isPaused } from '../parsed-resource.ts';
import { canonicalJson } from '../plan/fingerprint.ts';
import type { DeclarationRefusal, RegisteredPipelines } from './backend-view.ts';
import { parsedSpec } from './pipeline-registry.ts';

/** `asItIs`: whatever the backend has for it stays. */
export type WantedPipeline = PipelineDeclaration | 'asItIs';

export function pipelineIdOf({ metadata }: TradingPipeline): string {
  return declaredPipelineId({ namespace: metadata.namespace ?? '', name: metadata.name });
}

/** What a resource declares. One that is paused or wrong changes nothing; one that is being deleted declares nothing. */
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

export interface DeclarationsInput {
  /** By id. */
  readonly wanted: ReadonlyMap<string, WantedPipeline>;
  readonly pipelines: RegisteredPipelines;
  /** What was refused is not tried again; nothing here tries all again. */
  readonly refusals?: ReadonlyMap<string, DeclarationRefusal>;
  /** Whether a namespace is ours to look after. */
  readonly watches: (namespace: string) => boolean;
}

export interface DeclarationPlan {
  readonly declare: readonly { readonly id: string; readonly declaration: PipelineDeclaration }[];
  /** Ids that no resource asks for. */
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

/** Equal is the usual, and seen for less than both cost as JSON; as JSON, a field left undefined is none. */
export function isSame(one: PipelineDeclaration | undefined, other: PipelineDeclaration | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return isDeepStrictEqual(one, other) || canonicalJson(one) === canonicalJson(other);
}
