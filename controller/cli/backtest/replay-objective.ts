/**
 * Replays objectives over what Prometheus remembers of their counters, as if the recording rules had always been there. It
 * begins earlier than the range by the objective's window: that is what the budget counts.
 */
import { alertLabels } from '#catalogue/alerts.ts';
import { type ObjectiveAlertName, objectiveAlertNames, objectiveSeries } from '#catalogue/objectives.ts';
import { parseDurationSeconds } from '#timing/duration.ts';
import { type Objective, resolveObjective } from '../../compile/objectives/resolve-objective.ts';
import { type Matchers, series } from '../../compile/promql.ts';
import type { Rule } from '../../compile/recording-rule.ts';
import type { PrometheusClient } from '../../prometheus/prometheus-client.ts';
import type { CompiledResource } from '../compile-resources.ts';
import { rulesOf } from './listed-rules.ts';
import { buildTimes, type Replay, type ReplayRange, readSeries, readUnsampled } from './replay-alert.ts';
import { type Budget, EventSums, MINUTE_SECONDS, simulateBudget, simulateBurnAlert } from './simulate-objective.ts';

export interface ReplayedObjective {
  readonly objective: Objective;
  /** Labels of each alert that it has. */
  readonly alerts: readonly { readonly alert: ObjectiveAlertName; readonly labels: Readonly<Record<string, string>> }[];
  /** PromQL for the events of the last minute, from counters alone. */
  readonly events: string;
  readonly badEvents: string;
}

export interface ObjectiveReplay {
  readonly objective: string;
  readonly target: number;
  readonly window: string;
  readonly budget: Budget;
  /** Unix seconds of the first minute that anything is known of, where that is later than the objective's window begins. */
  readonly knownFrom?: number;
  readonly alerts: readonly Replay[];
}

/** The objectives of a resource, as the controller makes rules of them. */
export function listObjectives({ resource, objects }: CompiledResource): ReplayedObjective[] {
  const rules = objects.flatMap(rulesOf);
  return (resource.spec.objectives ?? []).flatMap((spec) => {
    const objective = resolveObjective(spec);
    const own = rules.filter(({ labels }) => labels?.[alertLabels.objective] === objective.name);
    const events = expressionOf(objectiveSeries.events, own);
    const badEvents = expressionOf(objectiveSeries.badEvents, own);
    if (!events || !badEvents) return [];
    // The bad ones are counted by the recorded number of all.
    const recorded = series(objectiveSeries.events, events.labels as Matchers);
    const alerts = own.flatMap(({ alert, labels = {} }) => (isObjectiveAlert(alert) ? [{ alert, labels }] : []));
    const bad = badEvents.expr.replaceAll(recorded, `(${events.expr})`);
    return [{ objective, alerts, events: events.expr, badEvents: bad }];
  });
}

function expressionOf(name: string, rules: readonly Rule[]) {
  return rules.find((rule) => 'record' in rule && rule.record === name);
}

export function isObjectiveAlert(name: string | undefined): name is ObjectiveAlertName {
  return (objectiveAlertNames as readonly (string | undefined)[]).includes(name);
}

export async function replayObjective(
  api: PrometheusClient,
  { objective, alerts, events, badEvents }: ReplayedObjective,
  { from, to }: Omit<ReplayRange, 'step'>,
): Promise<ObjectiveReplay> {
  const end = Math.floor(to / MINUTE_SECONDS) * MINUTE_SECONDS;
  const window = parseDurationSeconds(objective.window);
  const begin = Math.floor((from - window) / MINUTE_SECONDS) * MINUTE_SECONDS;
  const times = buildTimes({ from: begin, to: end, step: MINUTE_SECONDS });
  const counts = {
    events: await readCounts(api, events, times),
    badEvents: await readCounts(api, badEvents, times),
  };
  const sums = new EventSums(times, counts);
  const unsampled = await readUnsampled(api, events, { from, to });
  const known = Math.min(...counts.events.keys());
  return {
    objective: objective.name,
    target: objective.target,
    window: objective.window,
    budget: simulateBudget(objective, sums),
    ...(known > end - window + MINUTE_SECONDS && Number.isFinite(known) && { knownFrom: known }),
    alerts: alerts.map(({ alert, labels }) => ({
      alert,
      labels,
      firings: simulateBurnAlert(alert, objective, sums)
        .filter((firing) => firing.to === undefined || firing.to > from)
        .map((firing) => ({ ...firing, series: { [alertLabels.objective]: objective.name } })),
      withoutSamples: unsampled,
    })),
  };
}

async function readCounts(
  api: PrometheusClient,
  query: string,
  times: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const [only] = (await readSeries(api, query, times, MINUTE_SECONDS)).values();
  return only?.values ?? new Map<number, number>();
}
