import type { DashboardName } from '#catalogue/dashboards.ts';
import { type ParsedSpec, parseTradingPipelineSpec, type TradingPipeline } from '../../api/trading-pipeline.ts';
import type { Claimant } from '../claims/claims.ts';

/** Each pipeline's spec is parsed once, as long as the cache holds the same object. Pure but for that memory. */
const parsed = new WeakMap<TradingPipeline, ParsedSpec>();

export function parsedSpec(pipeline: TradingPipeline): ParsedSpec {
  const known = parsed.get(pipeline) ?? parseTradingPipelineSpec(pipeline.spec);
  parsed.set(pipeline, known);
  return known;
}

/** What a pipeline asks for; one whose spec is wrong claims nothing. */
export function claimantOf(pipeline: TradingPipeline): Claimant {
  const result = parsedSpec(pipeline);
  const spec = 'spec' in result ? result.spec : undefined;
  const services = (spec?.services ?? []).map((service) => service.name);
  // those of a pipeline have names of their own
  const dashboards: readonly DashboardName[] = spec?.pipeline ? [] : (spec?.dashboards?.include ?? []);
  return { pipeline, services, dashboards };
}
