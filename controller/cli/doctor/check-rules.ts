/**
 * Checks that Prometheus has loaded the rules and evaluates them, that the rules' metrics exist, and that Prometheus has an
 * Alertmanager. Pure.
 */

import { selectedMetrics } from '#base/promql/promql-tree.ts';
import { metricNames } from '#catalogue/metrics.ts';
import { groupsOf, type RuleGroup } from '../../compile/objects/generated-object.ts';
import { DASHBOARD_COUNTS_GROUP } from '../../compile/objects/shared-rules.ts';
import type { LoadedGroup, LoadedRule } from '../../prometheus/http-api.ts';
import type { Patient, PrometheusFacts } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

export function checkRules(patient: Patient, prometheus: PrometheusFacts): Finding[] {
  return [...checkOwnRules(patient, prometheus), ...checkDashboardCounts(patient, prometheus)];
}

/**
 * Checks the recording rules that compute the totals on dashboards. These rules are installed with the operator, not
 * with a TradingPipeline.
 */
export function checkDashboardCounts(
  { desired }: Pick<Patient, 'desired'>,
  { groups }: Pick<PrometheusFacts, 'groups'>,
): Finding[] {
  if (!desired.some(({ kind }) => kind === 'ConfigMap') || 'error' in groups) return [];
  if (groups.value.some(({ name }) => name === DASHBOARD_COUNTS_GROUP))
    return [ok('noData', `group ${DASHBOARD_COUNTS_GROUP} is loaded: the dashboards can show totals`)];
  return [
    wrong(
      'noData',
      `group ${DASHBOARD_COUNTS_GROUP} is not loaded by Prometheus: totals, rankings and durations stay empty on the dashboards`,
      'The group comes with the operator: check that the PrometheusRule dashboard-counts exists and that this Prometheus selects it',
    ),
  ];
}

function checkOwnRules({ desired, namespace }: Patient, prometheus: PrometheusFacts): Finding[] {
  const wanted = desired.filter(({ kind }) => kind === 'PrometheusRule');
  if (wanted.length === 0) return [];
  const { groups } = prometheus;
  if ('error' in groups)
    return [
      unknown(
        'rulesNotLoaded',
        groups.error,
        'Pass the address of Prometheus itself, not of a proxy that only answers queries',
      ),
    ];
  const present = namespace.generated.filter(({ kind, metadata }) =>
    wanted.some((object) => object.kind === kind && object.metadata.name === metadata.name),
  );
  const names = present.flatMap(groupsOf).map(({ name }) => name);
  const loaded = groups.value.filter(({ name }) => names.includes(name));
  return [
    ...present.flatMap(groupsOf).map((group) => checkGroup(group, loaded)),
    ...loaded.flatMap(({ rules }) => rules).flatMap(checkHealth),
    ...checkSilence(loaded, prometheus),
    checkFiring(loaded),
    checkAlertmanagers(prometheus),
  ];
}

function checkGroup(group: RuleGroup, loaded: readonly LoadedGroup[]): Finding {
  const found = loaded.find(({ name }) => name === group.name);
  if (found?.rules.length === group.rules.length)
    return ok('rulesNotLoaded', `group ${group.name}: ${found.rules.length} rules loaded`);
  const message = found
    ? `group ${group.name}: Prometheus has ${found.rules.length} rules, the PrometheusRule ${group.rules.length}`
    : `group ${group.name} is not loaded by Prometheus`;
  return wrong(
    'rulesNotLoaded',
    message,
    'Wait a minute. Then check that this Prometheus selects the PrometheusRule; the logs of prometheus-operator and of the config-reloader name a rule that they refuse',
  );
}

function checkHealth(rule: LoadedRule): Finding[] {
  if (rule.health !== 'err') return [];
  return [
    wrong(
      'rulesNotLoaded',
      `${rule.name} fails: ${rule.lastError ?? ''}`,
      'Correct the expression; run it in Prometheus to see the error',
    ),
  ];
}

const inCatalogue = new Set<string>(
  metricNames.flatMap((name) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]),
);

/**
 * Metrics that exist for every scrape target and are not in the catalogue: from Prometheus itself and from the default
 * collectors.
 */
const ofEveryTarget = new Set(['up', 'process_cpu_seconds_total', 'process_resident_memory_bytes']);

/**
 * Finds rules that read metrics without series, because an alert on such a metric can never fire. Leaves the
 * catalogue's metrics to check-targets.ts.
 */
function checkSilence(loaded: readonly LoadedGroup[], { presentMetrics }: PrometheusFacts): Finding[] {
  if ('error' in presentMetrics) return [unknown('alertSilent', presentMetrics.error, 'Run this again')];
  const rules = loaded.flatMap((group) => group.rules);
  const recorded = new Set(rules.filter(({ type }) => type === 'recording').map(({ name }) => name));
  const isExpected = (metric: string) =>
    inCatalogue.has(metric) || ofEveryTarget.has(metric) || recorded.has(metric) || presentMetrics.value.has(metric);
  return rules.flatMap((rule) => {
    const missing = selectedMetrics(rule.query).filter((metric) => !isExpected(metric));
    if (missing.length === 0) return [];
    return [
      wrong(
        'alertSilent',
        `${rule.name} reads ${missing.join(', ')}, but Prometheus has no such series: it cannot fire as intended`,
        'Correct the name, or start the process that emits the metric. The usual reason is a typing error',
      ),
    ];
  });
}

function checkFiring(loaded: readonly LoadedGroup[]): Finding {
  const alerts = loaded.flatMap(({ rules }) => rules).filter(({ type }) => type === 'alerting');
  const inState = (wanted: string) => [
    ...new Set(alerts.filter(({ state }) => state === wanted).map(({ name }) => name)),
  ];
  const [firing, pending] = [inState('firing'), inState('pending')];
  const list = (names: readonly string[]) => (names.length > 0 ? names.join(', ') : 'none');
  return ok('alertSilent', `of ${alerts.length} alerts, firing: ${list(firing)}; pending: ${list(pending)}`);
}

function checkAlertmanagers({ alertmanagers }: PrometheusFacts): Finding {
  if ('error' in alertmanagers) return unknown('alertSilent', alertmanagers.error, 'Run this again');
  if (alertmanagers.value > 0)
    return ok('alertSilent', `Prometheus sends alerts to Alertmanager (instances: ${alertmanagers.value})`);
  return wrong(
    'alertSilent',
    'Prometheus has no Alertmanager: alerts fire and nobody is notified',
    'Set spec.alerting of the Prometheus object; kube-prometheus-stack does so if its Alertmanager is enabled',
  );
}
