import { formatDuration } from '#base/duration.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { isAlertRule } from '../../compile/objects/generated-object.ts';
import { PrometheusClient } from '../../prometheus/prometheus-client.ts';
import { type Replay, type ReplayedRule, replayAlert, rulesOf } from '../backtest/replay-alert.ts';
import {
  isObjectiveAlert,
  listObjectives,
  type ObjectiveReplay,
  type ReplayedObjective,
  replayObjective,
} from '../backtest/replay-objective.ts';
import { formatTime, parseRange, type ReplayRange } from '../backtest/replay-range.ts';
import { type CommandIo, type ExitCode, exitCodes, Failure, type OutputFormat, printValue } from '../command-io.ts';
import { compileResources } from '../compile-resources.ts';
import { readResources } from '../documents/read-resources.ts';
import { formatProblem } from '../documents/source-document.ts';

export interface BacktestOptions {
  readonly namespace: string;
  readonly prometheus: string;
  readonly from: string;
  readonly to: string;
  /** Seconds between two evaluations of a rule. */
  readonly step: number;
  /** Names of the alerts to replay; all if absent. */
  readonly alert?: readonly string[];
  /** Output format. Prints text if absent. */
  readonly output?: OutputFormat;
}

/**
 * Prints when each alert of the TradingPipelines in the files would have fired in a range of Prometheus' data, and how
 * much of each error budget is left at the end of the range.
 */
export async function handleBacktest(
  files: readonly string[],
  options: BacktestOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const range = parseRange(options, io.now());
  const { resources, problems } = await readResources(files, io, options.namespace);
  const compiled = compileResources(resources);
  const all = [...problems, ...compiled.flatMap((one) => one.problems)];
  for (const problem of all) io.err(formatProblem(problem));
  if (all.length > 0)
    throw new Failure('nothing was replayed, because the input is invalid: correct the problems above');
  const rules = chooseRules(
    compiled.flatMap(({ objects }) => objects.flatMap(alertsOf)),
    options.alert,
  );
  const { replays, objectives } = await replayAll(rules, compiled.flatMap(listObjectives), range, options, io);
  const described = () => ({ ...describeReplays(replays, range), objectives: objectives.map(describeObjective) });
  const text = () => formatReplays(replays, range) + objectives.map(formatObjective).join('');
  io.out(options.output ? printValue(described(), options.output) : text());
  if (replays.some(({ firings }) => firings.length > 0)) return exitCodes.wrong;
  return replays.some(({ withoutSamples }) => withoutSamples.length > 0) ? exitCodes.failed : exitCodes.ok;
}

/**
 * Replays objective alerts from counters, because their recording rules may be younger than the range. Replays all other alerts
 * from their expressions.
 */
async function replayAll(
  rules: readonly ReplayedRule[],
  listed: readonly ReplayedObjective[],
  range: ReplayRange,
  { prometheus }: BacktestOptions,
  io: CommandIo,
): Promise<{ replays: Replay[]; objectives: ObjectiveReplay[] }> {
  const api = new PrometheusClient(prometheus);
  const plain = rules.filter(({ alert }) => !isObjectiveAlert(alert));
  const chosen = listed.filter(({ alerts }) => alerts.some(({ alert }) => rules.some((rule) => rule.alert === alert)));
  const replays: Replay[] = [];
  const objectives: ObjectiveReplay[] = [];
  const total = plain.length + chosen.length;
  const report = (place: number, name: string) => io.err(`replaying ${place} of ${total}: ${name}`);
  for (const rule of plain) {
    report(replays.length + 1, rule.alert);
    replays.push(await replayAlert(api, rule, range));
  }
  for (const one of chosen) {
    report(plain.length + objectives.length + 1, `objective ${one.objective.name}`);
    objectives.push(await replayObjective(api, one, range));
  }
  api.close();
  const burns = objectives.flatMap(({ alerts }) => alerts);
  return {
    replays: [...replays, ...burns.filter(({ alert }) => rules.some((rule) => rule.alert === alert))],
    objectives,
  };
}

function alertsOf(object: KubeObject): ReplayedRule[] {
  return rulesOf(object).filter(isAlertRule);
}

function chooseRules(rules: readonly ReplayedRule[], wanted: readonly string[] | undefined): readonly ReplayedRule[] {
  const names = [...new Set(rules.map(({ alert }) => alert))];
  const missing = (wanted ?? []).filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new Failure(`--alert: no alert ${missing.join(', ')} in the files, which have ${names.join(', ') || 'none'}`);
  const chosen = wanted ? rules.filter(({ alert }) => wanted.includes(alert)) : rules;
  if (chosen.length === 0)
    throw new Failure('the files ask for no alerts: add spec.alerts, and a service to watch under spec.services');
  return chosen;
}

function describeReplays(replays: readonly Replay[], { from, to, step }: ReplayRange): object {
  const time = (seconds: number | undefined) => (seconds === undefined ? undefined : formatTime(seconds));
  const alerts = replays.map(({ firings, ...replay }) => ({
    ...replay,
    firings: firings.map((firing) => ({
      series: firing.series,
      pendingSince: time(firing.pendingSince),
      from: time(firing.from),
      ...(firing.to !== undefined && { to: time(firing.to) }),
      peak: firing.peak,
    })),
  }));
  return { from: time(from), to: time(to), step: formatDuration(step), alerts };
}

function formatReplays(replays: readonly Replay[], { from, to, step }: ReplayRange): string {
  const fired = replays.filter(({ firings }) => firings.length > 0);
  const silent = replays.filter(({ firings }) => firings.length === 0);
  const unsampled = silent.filter(({ withoutSamples }) => withoutSamples.length > 0);
  const quiet = silent.filter(({ withoutSamples }) => withoutSamples.length === 0);
  const lines = [`${formatTime(from)} to ${formatTime(to)}, evaluated every ${formatDuration(step)}`];
  lines.push(...fired.flatMap(formatFired));
  if (quiet.length > 0) lines.push(`never: ${nameEach(quiet)}`);
  for (const { alert, withoutSamples } of unsampled)
    lines.push(`cannot tell: ${alert} (no samples of ${withoutSamples.join(', ')} in the range)`);
  return `${lines.join('\n')}\n`;
}

function nameEach(replays: readonly Replay[]): string {
  return [...new Set(replays.map(({ alert }) => alert))].join(', ');
}

function formatFired({ alert, labels, firings }: Replay): string[] {
  const times = firings.length === 1 ? 'once' : `${firings.length} times`;
  const lines = firings.map(({ from, to, peak, series }) => {
    const end = to === undefined ? 'still firing' : `${formatTime(to)} (${formatDuration(to - from)})`;
    const about = Object.entries(series).map(([name, value]) => `${name}=${value}`);
    return `  ${formatTime(from)} to ${end}, value at most ${Number(peak.toPrecision(6))} ${about.join(' ')}`.trimEnd();
  });
  return [`${alert} (${labels.severity ?? 'no severity'}) would have fired ${times}`, ...lines];
}

function describeObjective({ alerts: _alerts, knownFrom, ...objective }: ObjectiveReplay): object {
  return { ...objective, ...(knownFrom !== undefined && { knownFrom: formatTime(knownFrom) }) };
}

function formatObjective({ objective, target, window, budget, knownFrom }: ObjectiveReplay): string {
  const percent = (share: number) => `${Number((share * 100).toFixed(3))}%`;
  const since = knownFrom === undefined ? '' : `, known since ${formatTime(knownFrom)}`;
  const counted = `${Math.round(budget.badEvents)} of ${Math.round(budget.events)} events were bad${since}`;
  const left =
    budget.events > 0 ? `${percent(budget.remaining)} of the error budget left at the end; ${counted}` : 'no event';
  return `objective ${objective} (${percent(target)} over ${window}): ${left}\n`;
}
