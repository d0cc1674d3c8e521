import { parseDurationSeconds } from '#base/duration.ts';
import { selectedMetrics } from '#base/promql/promql-tree.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import type { Rule, RuleGroup } from '../../compile/objects/generated-object.ts';
import type { PrometheusClient } from '../../prometheus/prometheus-client.ts';
import { listTimes, type ReplayRange } from './replay-range.ts';
import { type Firing, simulateAlert } from './simulate-alert.ts';

export interface ReplayedRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Replay {
  readonly alert: string;
  /** The labels that the rule sets. */
  readonly labels: Readonly<Record<string, string>>;
  readonly firings: readonly (Firing & { readonly series: Readonly<Record<string, string>> })[];
  /** The metrics that the expression reads, if none of them has a sample in the range; else empty. */
  readonly withoutSamples: readonly string[];
}

/** Points per series of one range query. Prometheus refuses range queries with more than 11,000 points per series. */
const MAX_POINTS = 10_000;

/**
 * Evaluates a rule's expression at every step of the range and simulates the alert. The evaluation starts earlier than the range, by
 * `for` plus `keep_firing_for`, because the alert may already be pending or firing when the range starts.
 */
export async function replayAlert(api: PrometheusClient, rule: ReplayedRule, range: ReplayRange): Promise<Replay> {
  const waits = parseDurationSeconds(rule.for ?? '0');
  const keepFiringFor = parseDurationSeconds(rule.keep_firing_for ?? '0');
  const times = listTimes({
    ...range,
    from: range.from - Math.ceil((waits + keepFiringFor) / range.step) * range.step,
  });
  const bySeries = await readSeries(api, rule.expr, times, range.step);
  const firings = [...bySeries.values()].flatMap(({ series, values }) =>
    simulateAlert({ for: waits, keepFiringFor }, { times, values })
      .filter(({ to }) => to === undefined || to > range.from)
      .map((firing) => ({ ...firing, series })),
  );
  const labels = rule.labels ?? {};
  const inTime = [...firings].sort((a, b) => a.from - b.from);
  return { alert: rule.alert, labels, firings: inTime, withoutSamples: await readUnsampled(api, rule.expr, range) };
}

interface SeriesValues {
  readonly series: Readonly<Record<string, string>>;
  readonly values: Map<number, number>;
}

/**
 * Runs a query at these times and returns its series, keyed by label set. Splits a long range into several queries that
 * Prometheus accepts.
 */
export async function readSeries(
  api: PrometheusClient,
  query: string,
  times: readonly number[],
  step: number,
): Promise<Map<string, SeriesValues>> {
  const found = new Map<string, SeriesValues>();
  for (let at = 0; at < times.length; at += MAX_POINTS) {
    const chunk = times.slice(at, at + MAX_POINTS);
    const [start = 0, end = start] = [chunk[0], chunk.at(-1)];
    for (const { metric, values } of await api.queryRange({ query, start, end, step })) {
      const { __name__: _name, ...series } = metric;
      const key = JSON.stringify(Object.entries(series).sort());
      const known = found.get(key) ?? { series, values: new Map<number, number>() };
      for (const [time, value] of values) known.values.set(time, Number(value));
      found.set(key, known);
    }
  }
  return found;
}

/** Returns the metrics that an expression reads, if none of them has a sample in the range; else an empty list. */
export async function readUnsampled(
  api: PrometheusClient,
  expr: string,
  { from: start, to: end }: Omit<ReplayRange, 'step'>,
): Promise<string[]> {
  const metrics = selectedMetrics(expr);
  const sampled = await Promise.all(metrics.map((metric) => api.hasSeries(metric, { start, end })));
  return sampled.includes(true) ? [] : metrics;
}

/** Returns the rules of a PrometheusRule, or an empty list for an object of another kind. */
export function rulesOf({ kind, spec }: KubeObject): Rule[] {
  if (kind !== 'PrometheusRule') return [];
  return (spec as { groups: RuleGroup[] }).groups.flatMap(({ rules }) => rules);
}
