/** What is known of the backend, for all resources at once. Data. */
import type { ExecutionFigures, PipelineDeclaration } from '#catalogue/declared-pipelines.ts';

export interface RegisteredPipeline {
  readonly declaration: PipelineDeclaration;
  readonly executions: ExecutionFigures;
}
/** By the id of the pipeline. */
export type RegisteredPipelines = ReadonlyMap<string, RegisteredPipeline>;

/** Why the backend has not done what it was told. `failed` says nothing of the pipeline. */
export interface DeclarationRefusal {
  readonly why: 'idTaken' | 'wrong' | 'failed';
  readonly message: string;
  /** What was refused; absent when it was a withdrawal. */
  readonly declaration?: PipelineDeclaration;
}

export type BackendView =
  | { readonly state: 'notConfigured' }
  | { readonly state: 'waiting' }
  | {
      readonly state: 'unreachable' | 'tokenRefused';
      readonly error: string;
      /** As it was when it last answered this process. */
      readonly lastPipelines?: RegisteredPipelines;
    }
  | {
      readonly state: 'answered';
      readonly pipelines: RegisteredPipelines;
      readonly refusals: ReadonlyMap<string, DeclarationRefusal>;
    };
