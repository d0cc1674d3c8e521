/**
 * Compiles the spec of a TradingPipeline into every object that should exist for the TradingPipeline. Pure and
 * deterministic: the same input produces the same bytes. The compiler never reads a cluster: what other
 * TradingPipelines claim, and the last valid rules, are passed in.
 */
import type { DashboardName } from '#catalogue/dashboards.ts';
import { declaredPipelineId } from '#catalogue/declared-pipelines.ts';
import type { KubeObject } from '../api/kube-object.ts';
import type { TradingPipelineSpec } from '../api/trading-pipeline.ts';
import type { RejectedRule } from './alerts/custom-rules.ts';
import { type Owner, type Rule, sortKeys } from './objects/generated-object.ts';
import { buildDashboardConfigMap } from './objects/grafana-dashboard.ts';
import { buildPrometheusRule } from './objects/prometheus-rule.ts';
import { buildServiceMonitor } from './objects/service-monitor.ts';
import { matchExternal } from './promql/check-names.ts';

export interface CompileInput {
  readonly owner: Owner;
  readonly spec: TradingPipelineSpec;
  /**
   * Names of services that an older TradingPipeline in the same namespace already lists. No objects are compiled for
   * these services.
   */
  readonly lostServices?: ReadonlySet<string>;
  /**
   * Names of dashboards whose plain uid and title an older TradingPipeline in the cluster uses. The compiled dashboards
   * get a uid with a hash, and a title with namespace and name. Ignored if the spec declares a pipeline: then all
   * dashboards get such a uid and title.
   */
  readonly qualifiedDashboards?: ReadonlySet<DashboardName>;
  /** The last valid rules of custom alerts, and the last valid rules that count the events of custom indicators. */
  readonly lastGoodRules?: readonly Rule[];
}

export interface Compiled {
  readonly objects: readonly KubeObject[];
  readonly rejectedRules: readonly RejectedRule[];
  /**
   * The custom rules among `objects`. Pass them in as `lastGoodRules` when the same TradingPipeline is compiled again.
   */
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
