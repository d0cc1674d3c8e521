/**
 * What Prometheus says, as far as a TradingPipeline's status is made of it, looked up by the names that the objects of a
 * resource have there. Pure: in go the bodies of Prometheus' HTTP API, out comes an index for all resources at once.
 */

import { alertLabels } from '#catalogue/alerts.ts';
import { objectKey } from '../../api/kube-object.ts';
import { indexObjectives, type ObjectiveReadings, type Sample } from './objective-readings.ts';

/** One of /api/v1/targets. */
export interface RawTarget {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}

/** One of /api/v1/rules. */
export interface RawGroup {
  readonly name: string;
  readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
}

/** One of /api/v1/alerts. */
export interface RawAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

/** Everything that is asked, for all resources at once. */
export interface RawAnswers {
  readonly targets: readonly RawTarget[];
  readonly groups: readonly RawGroup[];
  readonly alerts: readonly RawAlert[];
  /** Of objectivesQuery. */
  readonly objectives: readonly Sample[];
}

export interface Target {
  readonly url: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly error: string;
}

export interface LoadedGroup {
  readonly rules: readonly string[];
  readonly failing: readonly { readonly rule: string; readonly error: string }[];
}

export interface PrometheusAnswer {
  /** By `namespace/name` of the ServiceMonitor. */
  readonly targets: ReadonlyMap<string, readonly Target[]>;
  /** By the group's name: ours are unique in a cluster. */
  readonly groups: ReadonlyMap<string, LoadedGroup>;
  /** Names of the alerts that fire, one for each, by `namespace/name` of the TradingPipeline. */
  readonly firing: ReadonlyMap<string, readonly string[]>;
  readonly objectives: ObjectiveReadings;
}

/** What is known of Prometheus now. */
export type PrometheusView =
  | { readonly state: 'notConfigured' }
  /** It has not been asked yet. */
  | { readonly state: 'waiting' }
  | { readonly state: 'unreachable'; readonly error: string }
  | { readonly state: 'answered'; readonly answer: PrometheusAnswer };

export function buildPrometheusAnswer({ targets, groups, alerts, objectives }: RawAnswers): PrometheusAnswer {
  return {
    targets: indexTargets(targets),
    groups: indexGroups(groups),
    firing: indexFiring(alerts),
    objectives: indexObjectives(objectives),
  };
}

/** prometheus-operator names a scrape pool after its monitor: serviceMonitor/NAMESPACE/NAME/ENDPOINT. */
function indexTargets(targets: readonly RawTarget[]): Map<string, Target[]> {
  const index = new Map<string, Target[]>();
  for (const { scrapePool, scrapeUrl, health, lastError } of targets) {
    const [kind, namespace, name] = scrapePool.split('/');
    if (kind !== 'serviceMonitor' || !namespace || !name) continue;
    const target: Target = { url: scrapeUrl, health: parseHealth(health), error: lastError };
    pushTo(index, objectKey({ namespace, name }), target);
  }
  return index;
}

function parseHealth(health: string): Target['health'] {
  return health === 'up' || health === 'down' ? health : 'unknown';
}

function indexGroups(groups: readonly RawGroup[]): Map<string, LoadedGroup> {
  return new Map(
    groups.map(({ name, rules }) => {
      const failing = rules.filter(({ health }) => health === 'err');
      return [
        name,
        {
          rules: rules.map((rule) => rule.name),
          failing: failing.map((rule) => ({ rule: rule.name, error: rule.lastError ?? 'no error is given' })),
        },
      ];
    }),
  );
}

function indexFiring(alerts: readonly RawAlert[]): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const { labels, state } of alerts) {
    const { [alertLabels.pipeline]: name, [alertLabels.namespace]: namespace, alertname } = labels;
    if (state !== 'firing' || !name || !namespace || !alertname) continue;
    pushTo(index, objectKey({ namespace, name }), alertname);
  }
  return index;
}

function pushTo<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key);
  if (list) list.push(value);
  else index.set(key, [value]);
}
