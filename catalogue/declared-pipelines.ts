/**
 * The HTTP protocol with which the operator passes declared pipelines to the backend. A declared pipeline is one that a
 * TradingPipeline defines in `spec.pipeline`.
 */
import { z } from 'zod';
import { pipelineSchema } from '#trading/pipelines/pipeline.ts';

/** Path of the list of declared pipelines. One pipeline has the path `<path>/<id>`. */
export const DECLARED_PIPELINES_PATH = '/api/v1/cluster/pipelines';

/** Path of the list of what the platform emits (trading/signals/emitted.ts), which the operator reads beside the pipelines. */
export const EMITTED_PATH = '/api/v1/cluster/emitted';

/** Schema of the bearer token, a secret that the operator and the backend share. */
export const declaredPipelinesTokenSchema = z
  .string()
  .regex(
    /^[\x21-\x7e]{16,256}$/,
    'must be 16 to 256 printable characters without spaces; create one with openssl rand -hex 32',
  );

/**
 * Returns the id of the pipeline that a TradingPipeline declares. The id is `<namespace>.<name>`, which is unambiguous
 * because a namespace contains no dot.
 */
export function declaredPipelineId(resource: { readonly namespace: string; readonly name: string }): string {
  return `${resource.namespace}.${resource.name}`;
}

/** Returns namespace and name of the TradingPipeline that declares the pipeline with this id. */
export function parseDeclaredPipelineId(pipelineId: string): { namespace: string; name: string } {
  const dot = pipelineId.indexOf('.');
  return { namespace: pipelineId.slice(0, dot), name: pipelineId.slice(dot + 1) };
}

export const pipelineDeclarationSchema = pipelineSchema.extend({
  paused: z.boolean().default(false).describe('Nothing starts the pipeline, and executions under way place no orders'),
});
export type PipelineDeclaration = z.infer<typeof pipelineDeclarationSchema>;

const executionFiguresSchema = z.object({
  total: z.int().min(0).describe('Number of executions that succeeded or failed'),
  failed: z.int().min(0).describe('Number of executions that failed'),
  last: z.iso.datetime().nullable().describe('When the last of them ended, ISO 8601, UTC; null before the first'),
});
export type ExecutionFigures = z.infer<typeof executionFiguresSchema>;

export const declaredPipelineSchema = z.object({
  pipeline_id: z.string(),
  declaration: pipelineDeclarationSchema,
  executions: executionFiguresSchema,
});
