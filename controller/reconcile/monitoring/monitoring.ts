/**
 * "Applied" is not "works": whether Prometheus picks up what was generated for a resource, scrapes it, has loaded its rules,
 * and what fires. Pure. What cannot be known is said to be unknown, and its figures are absent: never old, never guessed.
 */
import { objectKey } from '../../api/kube-object.ts';
import { labels, type Reason, reasons } from '../../api/names.ts';
import type { TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import { DASHBOARD_COUNTS_GROUP } from '../../compile/objects/shared-rules.ts';
import { objectiveKey, type PromisedObjective } from './objective-readings.ts';
import type { LoadedGroup, PrometheusAnswer, PrometheusView, Target } from './prometheus-answer.ts';
import { describeLabelling, type SelectionGap } from './select-monitors.ts';

/** A generated object as it is in the cluster, with the labels that its users gave it. */
export interface LabelledObject {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the resource has in the cluster, as far as Prometheus and Grafana are to take it up. */
export interface Watched {
  readonly namespace: string;
  /** Name of the TradingPipeline. */
  readonly name: string;
  readonly monitors: readonly { readonly service: string; readonly monitor: string }[];
  readonly groups: readonly { readonly name: string; readonly rules: readonly string[] }[];
  readonly objectives: readonly PromisedObjective[];
  /** Names of ConfigMaps. */
  readonly dashboards: readonly string[];
  /** Names of ConfigMaps that are wanted and could not be written. */
  readonly unwrittenDashboards: readonly string[];
  /** ConfigMaps whose data stays as their users left it; outdated where ours has changed since. */
  readonly editedDashboards?: readonly { readonly name: string; readonly isOutdated: boolean }[];
}

/** Why Prometheus objects do not select an object of the resource. */
export type SelectionAnswer =
  | { readonly state: 'unreadable' | 'noPrometheus' | 'selected' }
  | {
      readonly state: 'notSelected';
      /** Those that none selects. */
      readonly objects: readonly string[];
      readonly prometheus: string;
      readonly gaps: readonly SelectionGap[];
    };

type Gaps = Extract<SelectionAnswer, { state: 'notSelected' }>;

export interface MonitoringInput {
  readonly watched: Watched;
  readonly monitors: SelectionAnswer;
  readonly rules: SelectionAnswer;
  readonly dashboards: readonly LabelledObject[];
  readonly prometheus: PrometheusView;
  readonly nowMs: number;
  /** When an object of the resource was last written; undefined when that was before this process began. */
  readonly writtenAtMs: number | undefined;
}

/** What a condition says. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

export interface Monitoring {
  readonly monitorsSelected?: Verdict;
  readonly targetsUp?: Verdict;
  readonly rulesLoaded?: Verdict;
  readonly dashboardsReady?: Verdict;
  readonly alerts?: TradingPipelineStatus['alerts'];
  readonly objectives?: TradingPipelineStatus['objectives'];
}

/** How long Prometheus may take to have what was written: the operator's sync, the kubelet's, and a reload. */
const CATCH_UP_MS = 150_000;
const MAX_NAMED = 3;
const MAX_ALERT_NAMES = 10;

export function findMonitoring(input: MonitoringInput): Monitoring {
  const { watched } = input;
  return {
    ...(watched.monitors.length > 0 && { monitorsSelected: monitorsSelected(input), targetsUp: targetsUp(input) }),
    ...(watched.groups.length > 0 && { rulesLoaded: rulesLoaded(input), alerts: firingAlerts(input) }),
    ...(watched.dashboards.length + watched.unwrittenDashboards.length > 0 && {
      dashboardsReady: dashboardsReady(input),
    }),
    ...(watched.objectives.length > 0 && { objectives: readObjectives(input) }),
  };
}

function monitorsSelected({ monitors, watched }: MonitoringInput): Verdict {
  if (monitors.state === 'unreadable') {
    const message =
      'Prometheus objects or namespaces cannot be listed: apply the CRDs of prometheus-operator and the ClusterRole of the controller';
    return { status: 'Unknown', reason: reasons.prometheusObjectsUnreadable, message };
  }
  if (monitors.state === 'noPrometheus') {
    const message =
      'there is no Prometheus object in the cluster to select a ServiceMonitor: install prometheus-operator with a Prometheus';
    return { status: 'False', reason: reasons.prometheusNotFound, message };
  }
  if (monitors.state === 'notSelected') {
    return {
      status: 'False',
      reason: reasons.labelMissing,
      message: describeGaps('ServiceMonitor', monitors, watched),
    };
  }
  const count =
    watched.monitors.length === 1 ? '1 ServiceMonitor is' : `${watched.monitors.length} ServiceMonitors are`;
  return { status: 'True', reason: reasons.monitorsPicked, message: `${count} selected by a Prometheus object` };
}

function describeGaps(
  kind: string,
  { objects, prometheus, gaps }: Gaps,
  { namespace }: Pick<Watched, 'namespace'>,
): string {
  const found = gaps.map(({ message }) => message).join(', and ');
  const remedy = describeLabelling(gaps, namespace) ?? 'Change the selectors of the Prometheus';
  return `Prometheus ${prometheus} does not select ${kind} ${objects.join(', ')}: ${found}. ${remedy}`;
}

function targetsUp(input: MonitoringInput): Verdict {
  const answer = readAnswer(input.prometheus);
  if ('verdict' in answer) return answer.verdict;
  const { watched } = input;
  const pools = watched.monitors.map(({ service, monitor }) => ({
    service,
    targets: answer.answer.targets.get(objectKey({ namespace: watched.namespace, name: monitor })) ?? [],
  }));
  const targets = pools.flatMap((pool) => pool.targets.map((target) => ({ service: pool.service, ...target })));
  const count = `${targets.filter(({ health }) => health === 'up').length} of ${targets.length} targets are up`;
  const down = targets.filter(({ health }) => health === 'down');
  if (down.length > 0)
    return { status: 'False', reason: reasons.targetsDown, message: `${count}. ${describeDown(down)}` };
  const empty = pools.filter((pool) => pool.targets.length === 0).map(({ service }) => service);
  if (empty.length > 0) return targetsMissing(empty, count, input);
  const waiting = targets.some(({ health }) => health === 'unknown');
  if (waiting)
    return {
      status: 'Unknown',
      reason: reasons.waitingForPrometheus,
      message: `${count}; the rest has not been scraped yet`,
    };
  return { status: 'True', reason: reasons.allTargetsUp, message: count };
}

function describeDown(down: readonly (Target & { readonly service: string })[]): string {
  const named = [...down]
    .sort((a, b) => (a.url < b.url ? -1 : 1))
    .slice(0, MAX_NAMED)
    .map(({ service, url, error }) => `${service} ${url}: ${error}`);
  const rest = down.length - named.length;
  return `${named.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}

function targetsMissing(services: readonly string[], count: string, input: MonitoringInput): Verdict {
  const names = services.join(', ');
  if (isCatchingUp(input)) {
    const message = `${count}; Prometheus has no target yet for ${names}`;
    return { status: 'Unknown', reason: reasons.waitingForPrometheus, message };
  }
  const next =
    input.monitors.state === 'selected' ? 'look at the endpoints of the Service' : 'MonitorsSelected says why';
  const message = `${count}; Prometheus has no target for ${names}: ${next}`;
  return { status: 'False', reason: reasons.targetsMissing, message };
}

function rulesLoaded(input: MonitoringInput): Verdict {
  const answer = readAnswer(input.prometheus);
  const { groups } = input.watched;
  if ('verdict' in answer)
    return input.rules.state === 'notSelected' ? rulesNotSelected(input.rules, input) : answer.verdict;
  const missing = groups.filter((group) => !isLoaded(group, answer.answer.groups.get(group.name)));
  if (missing.length > 0)
    return rulesMissing(
      missing.map(({ name }) => name),
      input,
    );
  const failing = groups.flatMap(({ name }) => answer.answer.groups.get(name)?.failing ?? []);
  if (failing.length > 0) {
    const named = failing.slice(0, MAX_NAMED).map(({ rule, error }) => `${rule}: ${error}`);
    return {
      status: 'False',
      reason: reasons.ruleFails,
      message: `${failing.length} of the rules fail. ${named.join('; ')}`,
    };
  }
  const count = groups.reduce((sum, { rules }) => sum + rules.length, 0);
  return { status: 'True', reason: reasons.rulesEvaluated, message: `${count} rules are loaded and evaluated` };
}

/** The same rules by name: Prometheus writes expressions in a form of its own. */
function isLoaded(group: Watched['groups'][number], loaded: LoadedGroup | undefined): boolean {
  return loaded !== undefined && [...loaded.rules].sort().join() === [...group.rules].sort().join();
}

function rulesNotSelected(gaps: Gaps, { watched }: MonitoringInput): Verdict {
  return { status: 'False', reason: reasons.rulesNotLoaded, message: describeGaps('PrometheusRule', gaps, watched) };
}

function rulesMissing(names: readonly string[], input: MonitoringInput): Verdict {
  if (input.rules.state === 'notSelected') return rulesNotSelected(input.rules, input);
  const what = `${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? `, and ${names.length - MAX_NAMED} more` : ''}`;
  if (isCatchingUp(input)) {
    return { status: 'Unknown', reason: reasons.waitingForPrometheus, message: `Prometheus has yet to load ${what}` };
  }
  const message = `Prometheus has not loaded ${what} as written: see prometheus_config_last_reload_successful and the log of prometheus-operator`;
  return { status: 'False', reason: reasons.rulesNotLoaded, message };
}

/** What fires; absent unless Prometheus has the rules, as none fire where none are loaded. */
function firingAlerts({ prometheus, watched }: MonitoringInput): TradingPipelineStatus['alerts'] {
  const answer = readAnswer(prometheus);
  if ('verdict' in answer || !watched.groups.every(({ name }) => answer.answer.groups.has(name))) return undefined;
  const firing = answer.answer.firing.get(objectKey(watched)) ?? [];
  const names = [...new Set(firing)].sort().slice(0, MAX_ALERT_NAMES);
  return { firing: firing.length, ...(names.length > 0 && { names }) };
}

/** Without figures where the rules have made none yet; absent altogether while Prometheus does not answer. */
function readObjectives({ prometheus, watched }: MonitoringInput): TradingPipelineStatus['objectives'] {
  if (prometheus.state !== 'answered') return undefined;
  const { namespace, name, objectives } = watched;
  const { objectives: readings } = prometheus.answer;
  return objectives.map((objective) => ({
    ...objective,
    ...readings.get(objectiveKey(namespace, name, objective.name)),
  }));
}

function dashboardsReady(input: MonitoringInput): Verdict {
  const { dashboards, watched } = input;
  const { unwrittenDashboards, editedDashboards = [] } = watched;
  if (unwrittenDashboards.length > 0) {
    const message = `${unwrittenDashboards.join(', ')} could not be written: Ready says why`;
    return { status: 'False', reason: reasons.dashboardNotWritten, message };
  }
  const unlabelled = dashboards.filter((map) => !Object.hasOwn(map.labels, labels.grafanaDashboard));
  if (unlabelled.length > 0) {
    const names = unlabelled.map(({ name }) => name).join(' ');
    const message = `the Grafana sidecar passes by what has no label ${labels.grafanaDashboard}: kubectl label configmap ${names} ${labels.grafanaDashboard}=1`;
    return { status: 'False', reason: reasons.dashboardLabelMissing, message };
  }
  if (!areCountsRecorded(input)) {
    const message = `totals and rankings stay empty: Prometheus has not loaded ${DASHBOARD_COUNTS_GROUP}, which comes with the operator`;
    return { status: 'False', reason: reasons.countsNotRecorded, message };
  }
  const count = dashboards.length === 1 ? '1 dashboard is' : `${dashboards.length} dashboards are`;
  const message = `${count} there for the Grafana sidecar, by the label ${labels.grafanaDashboard}`;
  if (editedDashboards.length > 0)
    return {
      status: 'True',
      reason: reasons.dashboardsEdited,
      message: `${message}; ${describeEdited(editedDashboards)}`,
    };
  return { status: 'True', reason: reasons.dashboardsWritten, message };
}

/** As far as Prometheus says. */
function areCountsRecorded(input: MonitoringInput): boolean {
  const { prometheus } = input;
  return prometheus.state !== 'answered' || prometheus.answer.groups.has(DASHBOARD_COUNTS_GROUP) || isCatchingUp(input);
}

function describeEdited(edited: NonNullable<Watched['editedDashboards']>): string {
  const outdated = edited.filter(({ isOutdated }) => isOutdated);
  const namesOf = (some: typeof edited) => some.map(({ name }) => name).join(' ');
  const kept = `edits are kept of ${namesOf(edited)}`;
  if (outdated.length === 0) return kept;
  return `${kept}; ours has changed since: kubectl delete configmap ${namesOf(outdated)} takes it`;
}

function readAnswer(view: PrometheusView): { readonly answer: PrometheusAnswer } | { readonly verdict: Verdict } {
  if (view.state === 'answered') return { answer: view.answer };
  return { verdict: { status: 'Unknown', ...unknownBecause(view) } };
}

function unknownBecause(view: Exclude<PrometheusView, { state: 'answered' }>): Omit<Verdict, 'status'> {
  switch (view.state) {
    case 'notConfigured':
      return {
        reason: reasons.prometheusNotConfigured,
        message: 'set PROMETHEUS_URL of the controller, so that it can ask Prometheus',
      };
    case 'unreachable':
      return { reason: reasons.prometheusUnreachable, message: view.error };
    case 'waiting':
      return { reason: reasons.waitingForPrometheus, message: 'Prometheus has not been asked yet' };
  }
}

function isCatchingUp({ writtenAtMs, nowMs }: MonitoringInput): boolean {
  return writtenAtMs !== undefined && nowMs - writtenAtMs < CATCH_UP_MS;
}
