import { pipelineSchema, type SignalSubscription } from './pipeline.ts';

/** What the index must know of a pipeline. */
export interface SignalPipeline {
  readonly pipelineId: string;
  readonly tickers: readonly string[];
  readonly signals: readonly SignalSubscription[];
}

/**
 * Parses a stored definition.
 * @returns nothing for a pipeline that signals do not start
 * @throws ZodError for a definition this version does not know
 */
export function parsePipeline(pipelineId: string, definition: unknown): SignalPipeline | undefined {
  const { trigger, tickers } = pipelineSchema.parse(definition);
  if (trigger.mode !== 'signal') return undefined;
  return { pipelineId, tickers, signals: trigger.signals };
}
