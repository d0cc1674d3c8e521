/**
 * Replays objectives from the history of their counters, as if their recording rules had always existed. The replay starts one
 * objective window before the range, because the error budget counts the events of the whole window.
 */
import { parseDurationSeconds } from '#base/duration.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import { declaredPipelineId } from '#catalogue/declared-pipelines.ts';
import { type ObjectiveAlertName, objectiveAlertNames } from '#catalogue/objectives.ts';
import { countEvents } from '../../compile/objectives/count-events.ts';
import { type Objective, resolveObjective } from '../../compile/objectives/resolve-objective.ts';
import { CheckBudget } from '../../compile/promql/check-budget.ts';
import { matchExternal } from '../../compile/promql/check-names.ts';
import type { PrometheusClient } from '../../prometheus/prometheus-client.ts';
import type { CompiledResource } from '../compile-resources.ts';
import { type Replay, readSeries, readUnsampled, rulesOf } from './replay-alert.ts';
import { listTimes, type ReplayRange } from './replay-range.ts';
import { type Budget, EventSums, MINUTE_SECONDS, simulateBudget, simulateBurnAlert } from './simulate-objective.ts';

export interface ReplayedObjective {
  readonly objective: Objective;
  /** The objective's alerts with the labels of their rules. */
  readonly alerts: readonly { readonly alert: ObjectiveAlertName; readonly labels: Readonly<Record<string, string>> }[];
  /** PromQL for the number of events in the last minute, computed from counters and not from recording rules. */
  readonly events: string;
  readonly badEvents: string;
}

export interface ObjectiveReplay {
  readonly objective: string;
  readonly target: number;
  readonly window: string;
  readonly budget: Budget;
  /** Unix seconds of the first minute with samples. Set only if that minute is later than the start of the objective's window. */
  readonly knownFrom?: number;
  readonly alerts: readonly Replay[];
}

/**
 * Lists the objectives of a TradingPipeline, each with the expressions that count its events. Leaves out objectives
 * that cannot be replayed.
 */
export function listObjectives({ resource, pipeline, objects }: CompiledResource): ReplayedObjective[] {
  const rules = objects.flatMap(rulesOf);
  const { namespace = '', name } = pipeline.metadata;
  const { externalMetrics, pipeline: declared } = resource.spec;
  const pipelineId = declared && declaredPipelineId({ namespace, name });
  const isExternal = matchExternal(externalMetrics ?? []);
  const scope = { namespace, pipelineId, isExternal, budget: new CheckBudget() };
  return (resource.spec.objectives ?? []).flatMap((spec) => {
    const objective = resolveObjective(spec);
    const counts = countEvents(objective.indicator, scope);
    if ('problem' in counts) return [];
    const own = rules.filter(({ labels }) => labels?.[alertLabels.objective] === objective.name);
    const alerts = own.flatMap(({ alert, labels = {} }) => (isObjectiveAlert(alert) ? [{ alert, labels }] : []));
    // In a rule, the expression for bad events refers to the recorded series of all events. A replay cannot read
    // recorded series, so it inserts the expression that counts all events instead
    return [{ objective, alerts, events: counts.events, badEvents: counts.badEvents(`(${counts.events})`) }];
  });
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
  const times = listTimes({ from: begin, to: end, step: MINUTE_SECONDS });
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
