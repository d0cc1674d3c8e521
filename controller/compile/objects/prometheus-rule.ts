import { formatDuration, parseDurationSeconds } from '#base/duration.ts';
import { type AlertName, alertGroups } from '#catalogue/alerts.ts';
import type { DashboardName } from '#catalogue/dashboards.ts';
import { type KubeObject, resources } from '../../api/kube-object.ts';
import { DEFAULT_RUNBOOK_BASE_URL } from '../../api/names.ts';
import type { ObjectiveSpec } from '../../api/objective-schema.ts';
import type { AlertsSpec, ServiceSpec } from '../../api/trading-pipeline.ts';
import { type AlertSubject, buildAlertRules, type DeclaredPipeline } from '../alerts/alert-rule.ts';
import { buildCustomRules, type RejectedRule } from '../alerts/custom-rules.ts';
import { buildObjectiveRules, isEventCount } from '../objectives/objective-rules.ts';
import { LONG_WINDOWS_INTERVAL, OBJECTIVES_INTERVAL } from '../objectives/window-rules.ts';
import type { IsExternal } from '../promql/check-names.ts';
import {
  type AlertRule,
  buildObjectMeta,
  groupsOf,
  isAlertRule,
  type Owner,
  type Rule,
  type RuleGroup,
  sortKeys,
} from './generated-object.ts';
import type { DashboardAddress } from './grafana-dashboard.ts';
import { scrapeInterval } from './service-monitor.ts';

interface BuiltRules {
  /** The PrometheusRule; absent if there are no rules. */
  readonly object?: KubeObject & { readonly spec: { readonly groups: readonly RuleGroup[] } };
  readonly rejected: readonly RejectedRule[];
  readonly customRules: readonly Rule[];
}

interface RulesInput {
  readonly owner: Owner;
  readonly alerts?: AlertsSpec;
  readonly objectives?: readonly ObjectiveSpec[];
  readonly services: readonly ServiceSpec[];
  /**
   * The pipeline that the TradingPipeline declares. If set, objectives count only the events of this pipeline, and the
   * pipeline gets its own alerts.
   */
  readonly declared?: DeclaredPipeline | undefined;
  readonly isExternal: IsExternal;
  readonly lastGood: readonly Rule[];
  readonly qualifiedDashboards?: ReadonlySet<DashboardName>;
}

interface BuiltGroups {
  /** Rule groups without their names. `area` becomes the last part of a group's name. */
  readonly groups: readonly (Omit<RuleGroup, 'name'> & { readonly area: string })[];
  readonly rejected: readonly RejectedRule[];
  readonly customRules: readonly Rule[];
}

/** rate() needs two samples. With four scrapes in its time window, two scrapes may fail. */
const SCRAPES_PER_WINDOW = 4;
const SHORTEST_WINDOW_SECONDS = 300;

export function buildPrometheusRule(input: RulesInput): BuiltRules {
  const { owner } = input;
  const parts = [buildAlertGroups(input), buildObjectiveGroups(input)];
  const groups = parts
    .flatMap((part) => part.groups)
    .filter(({ rules }) => rules.length > 0)
    .map(({ area, ...group }) => ({ name: `${owner.namespace}.${owner.name}.${area}`, ...group }));
  const built = {
    rejected: parts.flatMap(({ rejected }) => rejected),
    customRules: parts.flatMap(({ customRules }) => customRules),
  };
  if (groups.length === 0) return built;
  const { apiVersion, kind } = resources.prometheusRule;
  return { ...built, object: { apiVersion, kind, metadata: buildObjectMeta(owner, undefined), spec: { groups } } };
}

/**
 * Returns those rules of a PrometheusRule in the cluster that may be passed to the compiler as last valid rules
 * (`lastGood`).
 */
export function findCustomRules(object: KubeObject): readonly Rule[] {
  return groupsOf(object).flatMap(({ name, rules }) => {
    if (name.endsWith('.custom')) return rules;
    return name.endsWith('.objectives') ? rules.filter(isEventCount) : [];
  });
}

function addressOf({ owner, alerts, qualifiedDashboards = new Set() }: RulesInput): DashboardAddress {
  return { owner, qualified: qualifiedDashboards, ...(alerts?.grafanaUrl && { grafanaUrl: alerts.grafanaUrl }) };
}

function buildAlertGroups(input: RulesInput): BuiltGroups {
  const { owner, alerts, services, declared, lastGood, isExternal } = input;
  if (!alerts) return { groups: [], rejected: [], customRules: [] };
  const subject: AlertSubject = {
    pipeline: owner.name,
    namespace: owner.namespace,
    services: services.map((service) => service.name),
    window: rateWindow(services),
    runbookBaseUrl: alerts.runbookBaseUrl,
    dashboards: addressOf(input),
    labels: sortKeys(alerts.labels ?? {}),
    ...(declared && { declared }),
  };
  const custom = buildCustomRules(alerts.custom ?? [], subject, {
    lastGood: lastGood.filter(isAlertRule),
    isExternal,
  });
  return {
    groups: [...buildAreas(alerts, subject), { area: 'custom', rules: custom.rules }],
    rejected: custom.rejected,
    customRules: custom.rules,
  };
}

function buildAreas(alerts: AlertsSpec, subject: AlertSubject): { area: string; rules: AlertRule[] }[] {
  return Object.entries(alertGroups).map(([area, group]) => ({
    area,
    rules: (Object.keys(group) as AlertName[]).flatMap((name) => buildAlertRules(name, alerts, subject)),
  }));
}

function buildObjectiveGroups(input: RulesInput): BuiltGroups {
  const { owner, alerts, objectives, declared, lastGood, isExternal } = input;
  const pipelineId = declared?.id;
  const built = buildObjectiveRules(objectives ?? [], {
    owner,
    pipelineId,
    lastGood,
    isExternal,
    runbookBaseUrl: alerts?.runbookBaseUrl ?? DEFAULT_RUNBOOK_BASE_URL,
    dashboards: { ...addressOf(input), ...(pipelineId && { pipelineId }) },
    labels: sortKeys(alerts?.labels ?? {}),
  });
  return {
    ...built,
    groups: [
      { area: 'objectives', interval: OBJECTIVES_INTERVAL, rules: built.rules },
      { area: 'objectives-long', interval: LONG_WINDOWS_INTERVAL, rules: built.longRules },
    ],
  };
}

/** Returns a time window for rate() that is wide enough for the service with the longest scrape interval. */
function rateWindow(services: readonly ServiceSpec[]): string {
  const slowest = Math.max(0, ...services.map((service) => parseDurationSeconds(scrapeInterval(service))));
  return formatDuration(Math.max(SHORTEST_WINDOW_SECONDS, slowest * SCRAPES_PER_WINDOW));
}
