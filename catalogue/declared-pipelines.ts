/** The protocol between the operator and the backend for the pipelines that TradingPipelines declare. */
import { z } from 'zod';
import { pipelineSchema } from '#trading/pipelines/pipeline.ts';

/** Path of the declared pipelines; below it, each pipeline by its id. */
export const DECLARED_PIPELINES_PATH = '/api/v1/cluster/pipelines';

/** The bearer token: a secret that the operator and the backend share. */
export const declaredPipelinesTokenSchema = z
  .string()
  .regex(
    /^[\x21-\x7e]{16,256}$/,
    'must be 16 to 256 printable characters without spaces; create one with openssl rand -hex 32',
  );

/** Returns the id of the pipeline that a TradingPipeline declares. A namespace contains no dot, so ids are unambiguous. */
export function declaredPipelineId(resource: { readonly namespace: string; readonly name: string }): string {
  return `${resource.namespace}.${resource.name}`;
}

/** Returns the TradingPipeline that declares a pipeline, from the pipeline's id. */
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
