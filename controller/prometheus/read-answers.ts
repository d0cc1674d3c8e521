/**
 * Reads everything that the statuses of all TradingPipelines need from Prometheus. The number of requests does not
 * depend on the number of TradingPipelines. Large responses are read element by element. Rules are read only if they
 * may have changed, or after a pause. If one response is missing or incomplete, the whole read fails with a
 * PrometheusError.
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

/**
 * PromQL that returns the rule groups in which a rule has failed within the last 5 minutes. The query returns nothing
 * if Prometheus does not scrape itself.
 */
const failingGroups = 'max by (rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0';

/**
 * Returns a string that changes whenever Prometheus's rules or their health may have changed: after a restart, a
 * reload, or when different rule groups fail. A group that keeps failing does not change the string.
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
  /**
   * Returns, at low cost, a string that differs from the previous one if the value may have changed; undefined if that
   * is unknown. A changed string forces a read.
   */
  readonly version: (abort?: AbortSignal) => Promise<string | undefined>;
  /** Time in milliseconds, of any clock that never goes back. */
  readonly now: () => number;
}

/** Largest share of the time that may be spent on reads. */
const SHARE = 0.02;
/**
 * Longest pause between two reads. A change that does not change the version is noticed after this pause at the latest.
 */
const LONGEST_MS = 120_000;

/**
 * Wraps an expensive read. The returned function returns the last value until the version changes, or until a pause has
 * passed that grows with the duration of the read. If a read takes 100 ms, as for the rules of a few TradingPipelines,
 * the pause is 5 s. If a read takes 1 s, as for the rules of a thousand TradingPipelines, the pause is 50 s.
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
