/**
 * Reads everything that the status of all resources needs from Prometheus, in one round of requests however many resources
 * there are. Large answers are read element by element. Rules are read only if they may have changed, or after a pause. The
 * answers are complete, or there is a PrometheusError.
 */
import {
  objectivesQuery,
  type RawAlert,
  type RawAnswers,
  type RawGroup,
  type RawTarget,
} from '../reconcile/monitoring/prometheus-view.ts';
import type { PrometheusClient } from './prometheus-client.ts';

export function buildAnswersReader(client: PrometheusClient): (abort: AbortSignal) => Promise<RawAnswers> {
  const readRules = readSeldom({
    read: (abort) => client.askElements('rules?exclude_alerts=true', keepGroup, abort),
    version: (abort) => readRulesVersion(client, abort).catch(() => undefined),
    now: () => performance.now(),
  });
  return async (abort) => {
    const [targets, groups, alerts, objectives] = await Promise.all([
      client.askElements('targets?state=active', keepTarget, abort),
      readRules(abort),
      client.askElements('alerts', keepAlert, abort),
      client.query(objectivesQuery, abort),
    ]);
    return { targets, groups, alerts, objectives };
  };
}

function keepTarget({ scrapePool, scrapeUrl, health, lastError }: RawTarget): RawTarget {
  return { scrapePool, scrapeUrl, health, lastError };
}

function keepGroup({ name, rules }: RawGroup): RawGroup {
  return { name, rules: rules.map((rule) => ({ name: rule.name, health: rule.health, lastError: rule.lastError })) };
}

function keepAlert({ labels, state }: RawAlert): RawAlert {
  return { labels, state };
}

/** Rule groups in which a rule has failed within 5 minutes. Without data if Prometheus does not scrape itself. */
const failingGroups = 'max by (rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0';

/**
 * A token that changes whenever Prometheus's rules may have changed: after a restart, a reload, or when different groups fail.
 * A group that keeps failing does not change it.
 */
export async function readRulesVersion(client: PrometheusClient, abort?: AbortSignal): Promise<string> {
  const [{ startTime, lastConfigTime }, failing] = await Promise.all([
    client.ask<Record<string, string>>('status/runtimeinfo', { abort }),
    client.query(failingGroups, abort),
  ]);
  const groups = failing.map(({ metric }) => metric.rule_group).sort();
  return [startTime, lastConfigTime, ...groups].join(' ');
}

interface SeldomOptions<T> {
  readonly read: (abort?: AbortSignal) => Promise<T>;
  /** Cheap to ask. A new version forces a read. Undefined if the version is not known. */
  readonly version: (abort?: AbortSignal) => Promise<string | undefined>;
  /** Milliseconds, of any clock that never goes back. */
  readonly now: () => number;
}

/** Reading may take at most this share of the time. */
const SHARE = 0.02;
/** Upper bound of the pause: a change that the version does not show is known after at most this long. */
const LONGEST_MS = 120_000;

/**
 * Wraps an expensive read: it returns the last value until the version changes, or until a pause has passed that grows with the
 * cost of the read. 100 ms for the rules of a few resources allows a read every 5 s; 1 s for those of a thousand, every 50 s.
 */
export function readSeldom<T>({ read, version, now }: SeldomOptions<T>): (abort?: AbortSignal) => Promise<T> {
  let known: { readonly value: T; readonly version: string | undefined; readonly again: number } | undefined;
  return async (abort) => {
    const current = await version(abort);
    if (known && known.version === current && now() < known.again) return known.value;
    const startedAt = now();
    const value = await read(abort);
    const pause = Math.min((now() - startedAt) / SHARE, LONGEST_MS);
    known = { value, version: current, again: now() + pause };
    return value;
  };
}
