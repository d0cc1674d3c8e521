import { objectivesQuery } from '../reconcile/monitoring/objective-readings.ts';
import type { RawAlert, RawAnswers, RawGroup, RawTarget } from '../reconcile/monitoring/prometheus-view.ts';
import type { PrometheusClient } from './prometheus-client.ts';
import { readRulesVersion } from './read-rules-version.ts';
import { readSeldom } from './read-seldom.ts';

/**
 * Asks for all resources at once, however many there are; what is large is read element by element, and the rules seldom. The
 * answer is whole, or a PrometheusError.
 */
export function buildAnswersReader(client: PrometheusClient): (signal: AbortSignal) => Promise<RawAnswers> {
  const readRules = readSeldom({
    read: (signal) => client.askElements('rules?exclude_alerts=true', keepGroup, signal),
    version: (signal) => readRulesVersion(client, signal).catch(() => undefined),
    now: () => performance.now(),
  });
  return async (signal) => {
    const [targets, groups, alerts, objectives] = await Promise.all([
      client.askElements('targets?state=active', keepTarget, signal),
      readRules(signal),
      client.askElements('alerts', keepAlert, signal),
      client.query(objectivesQuery, signal),
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
