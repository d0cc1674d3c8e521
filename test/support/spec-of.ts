import { parseTradingPipelineSpec, type TradingPipelineSpec } from '#controller/api/trading-pipeline.ts';

/** A spec that is right, with its defaults. @throws Error that names every field that is wrong */
export function specOf(raw: unknown): TradingPipelineSpec {
  const parsed = parseTradingPipelineSpec(raw);
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  return parsed.spec;
}
