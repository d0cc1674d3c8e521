/** Has Prometheus loaded the rules, do they evaluate, can they fire, and would anybody hear of it? Pure. */

import { selectedMetrics } from '#base/promql/promql-tree.ts';
import { metricNames } from '#catalogue/metrics.ts';
import { groupsOf, type RuleGroup } from '../../compile/objects/rule-group.ts';
import { DASHBOARD_COUNTS_GROUP } from '../../compile/objects/shared-rules.ts';
import type { LoadedGroup, LoadedRule } from '../../prometheus/prometheus-answers.ts';
import type { Patient, PrometheusFacts } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

export function checkRules(patient: Patient, prometheus: PrometheusFacts): Finding[] {
  return [...checkOwnRules(patient, prometheus), ...checkDashboardCounts(patient, prometheus)];
}

/** What dashboards sum is recorded by rules that come with the operator. */
export function checkDashboardCounts(
  { desired }: Pick<Patient, 'desired'>,
  { groups }: Pick<PrometheusFacts, 'groups'>,
): Finding[] {
  if (!desired.some(({ kind }) => kind === 'ConfigMap') || 'error' in groups) return [];
  if (groups.value.some(({ name }) => name === DASHBOARD_COUNTS_GROUP))
    return [ok('noData', `group ${DASHBOARD_COUNTS_GROUP} is loaded: the dashboards have their totals`)];
  return [
    wrong(
      'noData',
      `group ${DASHBOARD_COUNTS_GROUP} is not loaded by Prometheus: totals, rankings and durations stay empty on the dashboards`,
      'It comes with the operator: is the PrometheusRule dashboard-counts there, and selected by this Prometheus?',
    ),
  ];
}

function checkOwnRules({ desired, namespace }: Patient, prometheus: PrometheusFacts): Finding[] {
  const wanted = desired.filter(({ kind }) => kind === 'PrometheusRule');
  if (wanted.length === 0) return [];
  const { groups } = prometheus;
  if ('error' in groups) return [unknown('rulesNotLoaded', groups.error, 'Give the address of the Prometheus itself')];
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
    ? `group ${group.name}: Prometheus has ${found.rules.length} rules, the cluster ${group.rules.length}`
    : `group ${group.name} is not loaded by Prometheus`;
  return wrong(
    'rulesNotLoaded',
    message,
    'Is the PrometheusRule selected, and is this the Prometheus that selects it? A minute is normal; then the logs of prometheus-operator and of its config-reloader name the rule that stops them',
  );
}

function checkHealth(rule: LoadedRule): Finding[] {
  if (rule.health !== 'err') return [];
  return [
    wrong(
      'rulesNotLoaded',
      `${rule.name} fails: ${rule.lastError ?? ''}`,
      'Correct the expression: run it in Prometheus to see the error',
    ),
  ];
}

const inCatalogue = new Set<string>(
  metricNames.flatMap((name) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]),
);

/** Of Prometheus itself and of the default collectors: not in the catalogue, and there where a target is. */
const ofEveryTarget = new Set(['up', 'process_cpu_seconds_total', 'process_resident_memory_bytes']);

/** An alert on a metric that nobody has ever emitted is silent for ever. What the catalogue promises is looked at elsewhere. */
function checkSilence(loaded: readonly LoadedGroup[], { presentMetrics }: PrometheusFacts): Finding[] {
  if ('error' in presentMetrics) return [unknown('alertSilent', presentMetrics.error, 'Ask Prometheus again')];
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
        `${rule.name} reads ${missing.join(', ')}, of which Prometheus has no series: it cannot fire as it should`,
        'Correct the name, or start what emits it. A name one letter off is the usual reason',
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
  return ok(
    'alertSilent',
    `of ${alerts.length} alerts, firing: ${list(firing)}; waiting for their time: ${list(pending)}`,
  );
}

function checkAlertmanagers({ alertmanagers }: PrometheusFacts): Finding {
  if ('error' in alertmanagers) return unknown('alertSilent', alertmanagers.error, 'Ask Prometheus again');
  if (alertmanagers.value > 0)
    return ok('alertSilent', `Prometheus sends alerts to ${alertmanagers.value} Alertmanager`);
  return wrong(
    'alertSilent',
    'Prometheus knows no Alertmanager: alerts fire and nobody hears of it',
    'Name one in spec.alerting of the Prometheus object; kube-prometheus-stack does where its Alertmanager is enabled',
  );
}
