/** The status of a TradingPipeline from what a reconcile found. Pure: the time is passed in. */
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import { worstBudget } from '../monitoring/objective-readings.ts';
import { buildConditions } from './conditions.ts';
import type { Findings } from './findings.ts';

export function buildStatus(pipeline: TradingPipeline, findings: Findings, now: string): TradingPipelineStatus {
  const generation = pipeline.metadata.generation ?? 0;
  const previous = pipeline.status?.conditions ?? [];
  const conditions = buildConditions(findings, { generation, now, previous });
  // The generation stays the one that was last acted on.
  if (findings.paused) return { ...lastingPart(pipeline.status), conditions };
  if (findings.invalid.length > 0)
    return { ...lastingPart(pipeline.status), observedGeneration: generation, conditions };
  const { alerts, objectives } = findings.monitoring ?? {};
  return {
    observedGeneration: generation,
    conditions,
    summary: summarize(findings),
    services: findings.services.map(({ name, endpoints }) => ({ name, endpoints })),
    ...(alerts && { alerts }),
    ...(objectives && { objectives: [...objectives] }),
    ...(findings.registration?.executions && { executions: findings.registration.executions }),
    resources: findings.resources.map(({ kind, name }) => ({ kind, name })),
  };
}

/** Nothing is known of an invalid spec: what was found and made for the last valid one still holds, its figures do not. */
function lastingPart({
  alerts: _alerts,
  objectives: _objectives,
  executions: _executions,
  summary,
  ...rest
}: TradingPipelineStatus = {}) {
  const { budget: _budget, ...counts } = summary ?? {};
  return { ...rest, ...(summary && { summary: counts }) };
}

function summarize({ services, lostServices, alerts, resources, monitoring }: Findings) {
  const budget = worstBudget(monitoring?.objectives ?? []);
  const lost = new Set(lostServices.map(({ service }) => service));
  const up = services.filter(({ name, endpoints }) => endpoints > 0 && !lost.has(name));
  return {
    ...(services.length > 0 && { services: `${up.length}/${services.length}` }),
    alerts,
    ...(budget !== undefined && { budget }),
    dashboards: resources.filter(({ kind }) => kind === 'ConfigMap').length,
  };
}
