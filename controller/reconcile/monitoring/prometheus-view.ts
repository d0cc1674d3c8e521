/**
 * Indexes the responses of Prometheus' HTTP API for all TradingPipelines at once, by the names that the objects of a
 * TradingPipeline have in Prometheus. Pure.
 */
import { alertLabels } from '#catalogue/alerts.ts';
import { objectiveSeries } from '#catalogue/objectives.ts';
import { objectKey } from '../../api/kube-object.ts';
import type { TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';

/** An element of the response of /api/v1/targets. */
export interface RawTarget {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}

/** An element of the response of /api/v1/rules. */
export interface RawGroup {
  readonly name: string;
  readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
}

/** An element of the response of /api/v1/alerts. */
export interface RawAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

/** One time series in the result of an instant query. */
interface RawSample {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix seconds, and the value as a string, which may be NaN or Inf. */
  readonly value: readonly [at: number, value: string];
}

/** The responses of Prometheus to all requests of one poll. */
export interface RawAnswers {
  readonly targets: readonly RawTarget[];
  readonly groups: readonly RawGroup[];
  readonly alerts: readonly RawAlert[];
  /** The result of objectivesQuery. */
  readonly objectives: readonly RawSample[];
}

export interface ScrapeTarget {
  readonly url: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly error: string;
}

export interface EvaluatedGroup {
  /** Names of the rules in the group. */
  readonly rules: readonly string[];
  readonly failing: readonly { readonly rule: string; readonly error: string }[];
}

type ObjectiveStatus = NonNullable<TradingPipelineStatus['objectives']>[number];
type ObjectiveFigures = Pick<ObjectiveStatus, 'current' | 'budgetRemaining' | 'burnRate'>;

export interface PrometheusAnswer {
  /** Scrape targets, keyed by `namespace/name` of the ServiceMonitor. */
  readonly targets: ReadonlyMap<string, readonly ScrapeTarget[]>;
  /** Rule groups, keyed by name. The names of our groups are unique in a cluster. */
  readonly groups: ReadonlyMap<string, EvaluatedGroup>;
  /** Names of firing alerts, one for each alert instance, keyed by the key of the TradingPipeline. */
  readonly firing: ReadonlyMap<string, readonly string[]>;
  /** Figures of objectives, keyed by the key of the TradingPipeline, then by the name of the objective. */
  readonly objectives: ReadonlyMap<string, ReadonlyMap<string, ObjectiveFigures>>;
  /** Buckets that objectives read and Prometheus does not have, keyed by the key of the TradingPipeline. */
  readonly missingBuckets: ReadonlyMap<string, readonly MissingBucket[]>;
}

/** A bucket that an objective reads although its histogram lacks it. */
export interface MissingBucket {
  readonly objective: string;
  /** Name of the histogram's series, which ends with `_bucket`. */
  readonly metric: string;
  /** The matcher in the objective, such as `le="7"`. */
  readonly wanted: string;
  /** The bounds of the buckets that exist, smallest first. */
  readonly existing: readonly string[];
}

/** What the controller knows of Prometheus now. */
export type PrometheusView =
  | { readonly state: 'notConfigured' }
  /** Prometheus has not been polled yet. */
  | { readonly state: 'waiting' }
  | { readonly state: 'unreachable'; readonly error: string }
  | { readonly state: 'answered'; readonly answer: PrometheusAnswer };

const { success, budgetRemaining, burnRate, bucketMissing } = objectiveSeries;

/**
 * PromQL that returns the objectives of all TradingPipelines, from the series of their recording rules. The burn rate
 * is that of the last hour. The series about missing buckets exist only while something is wrong.
 */
export const objectivesQuery = `{__name__=~"${success}|${budgetRemaining}|${bucketMissing}"} or ${burnRate}{window="1h"}`;

/**
 * Functions from a ratio to the figure in the status, keyed by the name of the series. Figures are rounded so that noise does
 * not change the status.
 */
const figures: Readonly<Record<string, (value: number) => ObjectiveFigures>> = {
  [success]: (value) => ({ current: round(value * 100, 3) }),
  [budgetRemaining]: (value) => ({ budgetRemaining: round(value * 100, 1) }),
  [burnRate]: (value) => ({ burnRate: round(value, 2) }),
};

export function buildPrometheusAnswer({ targets, groups, alerts, objectives }: RawAnswers): PrometheusAnswer {
  return {
    targets: indexTargets(targets),
    groups: indexGroups(groups),
    firing: indexFiring(alerts),
    objectives: indexObjectives(objectives.filter(({ metric }) => metric.__name__ !== bucketMissing)),
    missingBuckets: indexMissingBuckets(objectives.filter(({ metric }) => metric.__name__ === bucketMissing)),
  };
}

/** prometheus-operator names a scrape pool after its ServiceMonitor: serviceMonitor/NAMESPACE/NAME/ENDPOINT. */
function indexTargets(targets: readonly RawTarget[]): Map<string, ScrapeTarget[]> {
  const index = new Map<string, ScrapeTarget[]>();
  for (const { scrapePool, scrapeUrl, health, lastError } of targets) {
    const [kind, namespace, name] = scrapePool.split('/');
    if (kind !== 'serviceMonitor' || !namespace || !name) continue;
    const target: ScrapeTarget = { url: scrapeUrl, health: parseHealth(health), error: lastError };
    pushTo(index, objectKey({ namespace, name }), target);
  }
  return index;
}

function parseHealth(health: string): ScrapeTarget['health'] {
  return health === 'up' || health === 'down' ? health : 'unknown';
}

function indexGroups(groups: readonly RawGroup[]): Map<string, EvaluatedGroup> {
  return new Map(
    groups.map(({ name, rules }) => {
      const failing = rules.filter(({ health }) => health === 'err');
      return [
        name,
        {
          rules: rules.map((rule) => rule.name),
          failing: failing.map((rule) => ({ rule: rule.name, error: rule.lastError ?? 'Prometheus gives no error' })),
        },
      ];
    }),
  );
}

function indexFiring(alerts: readonly RawAlert[]): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const { labels, state } of alerts) {
    const { [alertLabels.pipeline]: name, alertname } = labels;
    const namespace = labels[alertLabels.pipelineNamespace] ?? labels[alertLabels.namespace];
    if (state !== 'firing' || !name || !namespace || !alertname) continue;
    pushTo(index, objectKey({ namespace, name }), alertname);
  }
  return index;
}

function indexObjectives(samples: readonly RawSample[]): Map<string, Map<string, ObjectiveFigures>> {
  const index = new Map<string, Map<string, ObjectiveFigures>>();
  for (const { metric, value } of samples) {
    const { __name__ = '', [alertLabels.namespace]: namespace, [alertLabels.pipeline]: name } = metric;
    const { [alertLabels.objective]: objective } = metric;
    const number = Number(value[1]);
    if (!namespace || !name || !objective || !Number.isFinite(number)) continue;
    const key = objectKey({ namespace, name });
    const known = index.get(key) ?? new Map<string, ObjectiveFigures>();
    known.set(objective, { ...known.get(objective), ...figures[__name__]?.(number) });
    index.set(key, known);
  }
  return index;
}

/** Collects the series of one missing bucket: each series names one bucket that exists. */
function indexMissingBuckets(samples: readonly RawSample[]): Map<string, MissingBucket[]> {
  const index = new Map<string, MissingBucket[]>();
  const subjectOf = ({ metric }: RawSample) => JSON.stringify(subjectLabels.map((label) => metric[label] ?? ''));
  for (const [subject, ofOne] of Map.groupBy(samples, subjectOf)) {
    const [namespace, name, objective, metric, wanted] = JSON.parse(subject) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const existing = ofOne.map((sample) => sample.metric.le ?? '').sort((a, b) => boundOf(a) - boundOf(b));
    pushTo(index, objectKey({ namespace, name }), { objective, metric, wanted, existing });
  }
  return index;
}

const subjectLabels = [alertLabels.namespace, alertLabels.pipeline, alertLabels.objective, 'metric', 'wanted'] as const;

function boundOf(le: string): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
}

function pushTo<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key);
  if (list) list.push(value);
  else index.set(key, [value]);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
