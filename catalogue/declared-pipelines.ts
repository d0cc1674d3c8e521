/** What the operator and the backend say to each other about the pipelines that TradingPipelines declare. */
import { z } from 'zod';
import { pipelineSchema } from '#trading/pipelines/pipeline.ts';

/** Below it, one pipeline by its id. */
export const DECLARED_PIPELINES_PATH = '/api/v1/cluster/pipelines';

/** The bearer token that both know. */
export const declaredPipelinesTokenSchema = z
  .string()
  .regex(
    /^[\x21-\x7e]{16,256}$/,
    'must be 16 to 256 printable characters without spaces; make one by openssl rand -hex 32',
  );

/** The id of the pipeline that a TradingPipeline declares. A namespace holds no dot, so that no two mean the same. */
export function declaredPipelineId(resource: { readonly namespace: string; readonly name: string }): string {
  return `${resource.namespace}.${resource.name}`;
}

/** The TradingPipeline that declares a pipeline, from its id. */
export function parseDeclaredPipelineId(pipelineId: string): { namespace: string; name: string } {
  const dot = pipelineId.indexOf('.');
  return { namespace: pipelineId.slice(0, dot), name: pipelineId.slice(dot + 1) };
}

export const pipelineDeclarationSchema = pipelineSchema.extend({
  paused: z.boolean().default(false).describe('Nothing starts it, and what runs already orders nothing'),
});
export type PipelineDeclaration = z.infer<typeof pipelineDeclarationSchema>;

export const executionFiguresSchema = z.object({
  total: z.int().min(0).describe('Executions that have ended, well or badly'),
  failed: z.int().min(0).describe('Those of them that failed'),
  last: z.iso.datetime().nullable().describe('When the last one ended, ISO 8601, UTC; null before the first'),
});
export type ExecutionFigures = z.infer<typeof executionFiguresSchema>;

export const declaredPipelineSchema = z.object({
  pipeline_id: z.string(),
  declaration: pipelineDeclarationSchema,
  executions: executionFiguresSchema,
});
