import type { PrometheusClient } from './prometheus-client.ts';

/** Groups of rules, one of which has failed lately. Empty where Prometheus does not scrape itself. */
const failingGroups = 'max by (rule_group) (increase(prometheus_rule_evaluation_failures_total[5m])) > 0';

/**
 * A text that is another one when the rules of Prometheus may be others, or in another state: it has started, has loaded a
 * configuration, or other groups fail than before. A group that goes on failing changes nothing.
 */
export async function readRulesVersion(client: PrometheusClient, signal?: AbortSignal): Promise<string> {
  const [{ startTime, lastConfigTime }, failing] = await Promise.all([
    client.ask<Record<string, string>>('status/runtimeinfo', { signal }),
    client.query(failingGroups, signal),
  ]);
  const groups = failing.map(({ metric }) => metric.rule_group).sort();
  return [startTime, lastConfigTime, ...groups].join(' ');
}
