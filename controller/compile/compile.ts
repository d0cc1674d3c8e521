/**
 * A TradingPipeline's spec → every object that should exist for it. Pure and deterministic: the same input gives the
 * same bytes. It never looks at a cluster; what other resources and earlier rules have to say is passed in.
 */
import type { DashboardName } from '#catalogue/dashboards.ts';
import { declaredPipelineId } from '#catalogue/declared-pipelines.ts';
import type { KubeObject } from '../api/kube-object.ts';
import type { TradingPipelineSpec } from '../api/trading-pipeline.ts';
import type { RejectedRule } from './alerts/custom-rules.ts';
import { buildDashboardConfigMap } from './objects/dashboard-config-map.ts';
import type { Owner } from './objects/object-meta.ts';
import { buildPrometheusRule } from './objects/prometheus-rule.ts';
import type { Rule } from './objects/rule-group.ts';
import { buildServiceMonitor } from './objects/service-monitor.ts';
import { sortKeys } from './objects/sort-keys.ts';
import { matchExternal } from './promql/check-names.ts';

export interface CompileInput {
  readonly owner: Owner;
  readonly spec: TradingPipelineSpec;
  /** Services that an older resource of the namespace watches already: this one leaves them alone. */
  readonly lostServices?: ReadonlySet<string>;
  /** Dashboards that an older resource of the cluster has under the plain uid and title; a pipeline never has these. */
  readonly qualifiedDashboards?: ReadonlySet<DashboardName>;
  /** Custom rules, and counts of custom objectives, as they last were right. */
  readonly lastGoodRules?: readonly Rule[];
}

export interface Compiled {
  readonly objects: readonly KubeObject[];
  readonly rejectedRules: readonly RejectedRule[];
  /** To be passed in as `lastGoodRules` the next time. */
  readonly customRules: readonly Rule[];
}

export function compile({
  owner: { namespace, name, uid },
  spec,
  lostServices,
  qualifiedDashboards,
  lastGoodRules = [],
}: CompileInput): Compiled {
  const owner = { namespace, name, uid, labels: sortKeys(spec.labels ?? {}) };
  const services = (spec.services ?? []).filter((service) => !lostServices?.has(service.name));
  const monitors = services.map((service) => buildServiceMonitor(owner, service));
  const { alerts, objectives, dashboards, pipeline } = spec;
  const declared = pipeline && { id: declaredPipelineId(owner), hasBudget: pipeline.budget !== undefined };
  const isExternal = matchExternal(spec.externalMetrics ?? []);
  const qualified = declared ? new Set(dashboards?.include) : (qualifiedDashboards ?? new Set());
  const rules = buildPrometheusRule({
    ...{ owner, alerts, objectives, services, declared, isExternal, qualifiedDashboards: qualified },
    lastGood: lastGoodRules,
  });
  const configMaps = (dashboards?.include ?? []).map((name) => {
    const subject = { owner, services, pipelineId: declared?.id, isQualified: qualified.has(name) };
    return dashboards && buildDashboardConfigMap(name, dashboards, subject);
  });
  return {
    objects: [...monitors, rules.object, ...configMaps].filter((object) => object !== undefined),
    rejectedRules: rules.rejected,
    customRules: rules.customRules,
  };
}
