/**
 * Finds out whether the generated objects work: whether Prometheus selects them, scrapes their targets and has loaded their
 * rules; which alerts fire and how much error budget is left; and whether Grafana can load the dashboards. Pure. A condition
 * that is not known is Unknown and its figures are absent, so the status never shows old or guessed values.
 */
import { objectKey } from '../../api/kube-object.ts';
import { labels, reasons } from '../../api/names.ts';
import type { TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import { DASHBOARD_COUNTS_GROUP } from '../../compile/objects/shared-rules.ts';
import type { Verdict } from '../status/verdict.ts';
import type {
  EvaluatedGroup,
  MissingBucket,
  PrometheusAnswer,
  PrometheusView,
  ScrapeTarget,
} from './prometheus-view.ts';
import {
  describeGaps,
  type Gaps,
  judgeSelection,
  type LabelledObject,
  type SelectionAnswer,
} from './select-monitors.ts';

/** The objects of one TradingPipeline that Prometheus and Grafana should pick up. */
export interface MonitoredResource {
  readonly namespace: string;
  /** Name of the TradingPipeline. */
  readonly name: string;
  readonly monitors: readonly { readonly service: string; readonly monitor: string }[];
  readonly groups: readonly { readonly name: string; readonly rules: readonly string[] }[];
  /** `target`: percent of events that must be good. */
  readonly objectives: readonly { readonly name: string; readonly target: number }[];
  /** Names of the dashboard ConfigMaps in the cluster. */
  readonly dashboards: readonly string[];
  /** Names of dashboard ConfigMaps that could not be written. */
  readonly unwrittenDashboards: readonly string[];
  /**
   * Dashboard ConfigMaps that users have edited. `isOutdated` is true if the compiled dashboard has changed since the
   * controller wrote the dashboard that was then edited.
   */
  readonly editedDashboards?: readonly { readonly name: string; readonly isOutdated: boolean }[];
}

export interface MonitoringInput {
  readonly monitored: MonitoredResource;
  readonly monitors: SelectionAnswer;
  readonly rules: SelectionAnswer;
  readonly dashboards: readonly LabelledObject[];
  readonly prometheus: PrometheusView;
  readonly nowMs: number;
  /**
   * When an object of the TradingPipeline was last written, in ms since 1970; undefined if this process has written
   * none.
   */
  readonly writtenAtMs: number | undefined;
}

export interface Monitoring {
  readonly monitorsSelected?: Verdict;
  readonly targetsUp?: Verdict;
  readonly rulesLoaded?: Verdict;
  readonly dashboardsReady?: Verdict;
  readonly alerts?: TradingPipelineStatus['alerts'];
  readonly objectives?: TradingPipelineStatus['objectives'];
}

/** How long Prometheus may take to load a new object: prometheus-operator and the kubelet sync it, then Prometheus reloads. */
const CATCH_UP_MS = 150_000;
const MAX_NAMED = 3;
const MAX_BUCKETS = 20;
const MAX_ALERT_NAMES = 10;

export function findMonitoring(input: MonitoringInput): Monitoring {
  const { monitored, monitors } = input;
  return {
    ...(monitored.monitors.length > 0 && {
      monitorsSelected: judgeSelection(monitors, monitored.monitors.length, monitored.namespace),
      targetsUp: targetsUp(input),
    }),
    ...(monitored.groups.length > 0 && { rulesLoaded: rulesLoaded(input), alerts: firingAlerts(input) }),
    ...(monitored.dashboards.length + monitored.unwrittenDashboards.length > 0 && {
      dashboardsReady: dashboardsReady(input),
    }),
    ...(monitored.objectives.length > 0 && { objectives: readObjectives(input) }),
  };
}

function targetsUp(input: MonitoringInput): Verdict {
  const answer = readAnswer(input.prometheus);
  if ('verdict' in answer) return answer.verdict;
  const { monitored } = input;
  const pools = monitored.monitors.map(({ service, monitor }) => ({
    service,
    targets: answer.answer.targets.get(objectKey({ namespace: monitored.namespace, name: monitor })) ?? [],
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
      message: `${count}; the others have not been scraped yet`,
    };
  return { status: 'True', reason: reasons.allTargetsUp, message: count };
}

function describeDown(down: readonly (ScrapeTarget & { readonly service: string })[]): string {
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
    const message = `${count}; Prometheus has no target for ${names} yet`;
    return { status: 'Unknown', reason: reasons.waitingForPrometheus, message };
  }
  const next =
    input.monitors.state === 'selected'
      ? 'look at the endpoints of the Service'
      : 'the condition MonitorsSelected says why';
  const message = `${count}; Prometheus has no target for ${names}: ${next}`;
  return { status: 'False', reason: reasons.targetsMissing, message };
}

function rulesLoaded(input: MonitoringInput): Verdict {
  const answer = readAnswer(input.prometheus);
  const { groups } = input.monitored;
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
      message: `${failing.length} rules fail. ${named.join('; ')}`,
    };
  }
  const missingBuckets = answer.answer.missingBuckets.get(objectKey(input.monitored)) ?? [];
  if (missingBuckets.length > 0) return bucketsMissing(missingBuckets);
  const count = groups.reduce((sum, { rules }) => sum + rules.length, 0);
  return { status: 'True', reason: reasons.rulesEvaluated, message: `${count} rules are loaded and evaluated` };
}

function bucketsMissing(missing: readonly MissingBucket[]): Verdict {
  const named = missing.slice(0, MAX_NAMED).map(({ objective, metric, wanted, existing }) => {
    const rest = existing.length - MAX_BUCKETS;
    const list = `${existing.slice(0, MAX_BUCKETS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    return `spec.objectives[name=${objective}]: ${metric} has no bucket ${wanted}; it has ${list}`;
  });
  const message = `${named.join('; ')}. Its bad events are not counted, and its alerts do not fire`;
  return { status: 'False', reason: reasons.bucketNotFound, message };
}

/** Compares only the names of rules, because Prometheus reformats expressions. */
function isLoaded(group: MonitoredResource['groups'][number], loaded: EvaluatedGroup | undefined): boolean {
  return loaded !== undefined && [...loaded.rules].sort().join() === [...group.rules].sort().join();
}

function rulesNotSelected(gaps: Gaps, { monitored }: MonitoringInput): Verdict {
  return {
    status: 'False',
    reason: reasons.rulesNotLoaded,
    message: describeGaps('PrometheusRule', gaps, monitored.namespace),
  };
}

function rulesMissing(missing: readonly string[], input: MonitoringInput): Verdict {
  if (input.rules.state === 'notSelected') return rulesNotSelected(input.rules, input);
  const rest = missing.length - MAX_NAMED;
  const names = `${missing.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
  if (isCatchingUp(input)) {
    return {
      status: 'Unknown',
      reason: reasons.waitingForPrometheus,
      message: `Prometheus has not loaded ${names} yet`,
    };
  }
  const message = `Prometheus has not loaded ${names} as written: see prometheus_config_last_reload_successful and the log of prometheus-operator`;
  return { status: 'False', reason: reasons.rulesNotLoaded, message };
}

/**
 * Returns the firing alerts. Returns undefined unless Prometheus has loaded the rules, because without rules, zero firing
 * alerts would mean nothing.
 */
function firingAlerts({ prometheus, monitored }: MonitoringInput): TradingPipelineStatus['alerts'] {
  const answer = readAnswer(prometheus);
  if ('verdict' in answer || !monitored.groups.every(({ name }) => answer.answer.groups.has(name))) return undefined;
  const firing = answer.answer.firing.get(objectKey(monitored)) ?? [];
  const names = [...new Set(firing)].sort().slice(0, MAX_ALERT_NAMES);
  return { firing: firing.length, ...(names.length > 0 && { names }) };
}

/**
 * Returns the figures of the objectives, or undefined while Prometheus does not respond. An objective whose recording rules
 * have no result yet has no figures.
 */
function readObjectives({ prometheus, monitored }: MonitoringInput): TradingPipelineStatus['objectives'] {
  if (prometheus.state !== 'answered') return undefined;
  const figures = prometheus.answer.objectives.get(objectKey(monitored));
  return monitored.objectives.map((objective) => ({ ...objective, ...figures?.get(objective.name) }));
}

function dashboardsReady(input: MonitoringInput): Verdict {
  const { dashboards, monitored } = input;
  const { unwrittenDashboards, editedDashboards = [] } = monitored;
  if (unwrittenDashboards.length > 0) {
    const message = `${unwrittenDashboards.join(', ')} could not be written: the condition Ready says why`;
    return { status: 'False', reason: reasons.dashboardNotWritten, message };
  }
  const unlabelled = dashboards.filter((map) => !Object.hasOwn(map.labels, labels.grafanaDashboard));
  if (unlabelled.length > 0) {
    const names = unlabelled.map(({ name }) => name).join(' ');
    const message = `the Grafana sidecar does not load a ConfigMap without the label ${labels.grafanaDashboard}: kubectl label configmap ${names} ${labels.grafanaDashboard}=1`;
    return { status: 'False', reason: reasons.dashboardLabelMissing, message };
  }
  if (!areCountsRecorded(input)) {
    const message = `totals and rankings stay empty: Prometheus has not loaded ${DASHBOARD_COUNTS_GROUP}, which comes with the operator`;
    return { status: 'False', reason: reasons.countsNotRecorded, message };
  }
  const count =
    dashboards.length === 1 ? '1 dashboard ConfigMap carries' : `${dashboards.length} dashboard ConfigMaps carry`;
  const message = `${count} the label ${labels.grafanaDashboard}; the Grafana sidecar loads them`;
  if (editedDashboards.length > 0)
    return {
      status: 'True',
      reason: reasons.dashboardsEdited,
      message: `${message}; ${describeEdited(editedDashboards)}`,
    };
  return { status: 'True', reason: reasons.dashboardsWritten, message };
}

/**
 * Returns whether Prometheus has loaded the rules that record counts for dashboards. Returns true while Prometheus does not
 * respond or still has time to load new objects.
 */
function areCountsRecorded(input: MonitoringInput): boolean {
  const { prometheus } = input;
  return prometheus.state !== 'answered' || prometheus.answer.groups.has(DASHBOARD_COUNTS_GROUP) || isCatchingUp(input);
}

function describeEdited(edited: NonNullable<MonitoredResource['editedDashboards']>): string {
  const outdated = edited.filter(({ isOutdated }) => isOutdated);
  const namesOf = (some: typeof edited) => some.map(({ name }) => name).join(' ');
  const kept = `edits of users are kept in ${namesOf(edited)}`;
  if (outdated.length === 0) return kept;
  return `${kept}; newer versions exist: kubectl delete configmap ${namesOf(outdated)} installs them`;
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
