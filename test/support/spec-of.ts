import { parseTradingPipelineSpec, type TradingPipelineSpec } from '#controller/api/trading-pipeline.ts';

/** Parses a spec and fills in its defaults. @throws Error that names every wrong field */
export function specOf(raw: unknown): TradingPipelineSpec {
  const parsed = parseTradingPipelineSpec(raw);
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  return parsed.spec;
}
