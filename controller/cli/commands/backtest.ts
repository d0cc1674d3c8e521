import { formatDuration } from '#timing/duration.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { formatTime, parseTime } from '../backtest/parse-time.ts';
import { type Replay, type ReplayedRule, type ReplayRange, replayAlert } from '../backtest/replay-alert.ts';
import type { CommandIo } from '../command-io.ts';
import { compileResources } from '../compile-resources.ts';
import { readResources } from '../documents/read-resources.ts';
import { formatProblem } from '../documents/source-document.ts';
import { type ExitCode, exitCodes, Failure } from '../exit-codes.ts';
import { type OutputFormat, printValue } from '../print-objects.ts';
import { PrometheusApi } from '../prometheus-api.ts';

export interface BacktestOptions {
  readonly namespace: string;
  readonly prometheus: string;
  readonly from: string;
  readonly to: string;
  /** Seconds between two evaluations. */
  readonly step: number;
  /** Only these; all when absent. */
  readonly alert?: readonly string[];
  /** Text where absent. */
  readonly output?: OutputFormat;
}

/** Says when each alert of the files would have fired over a range of what Prometheus remembers. */
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
  if (all.length > 0) throw new Failure('nothing is replayed of input that is wrong');
  const rules = chooseRules(
    compiled.flatMap(({ objects }) => objects.flatMap(alertsOf)),
    options.alert,
  );
  const api = new PrometheusApi(options.prometheus);
  const replays: Replay[] = [];
  for (const [index, rule] of rules.entries()) {
    io.err(`replaying ${index + 1} of ${rules.length}: ${rule.alert}`);
    replays.push(await replayAlert(api, rule, range));
  }
  io.out(options.output ? printValue(describeReplays(replays, range), options.output) : formatReplays(replays, range));
  if (replays.some(({ firings }) => firings.length > 0)) return exitCodes.wrong;
  return replays.some(({ withoutSamples }) => withoutSamples.length > 0) ? exitCodes.failed : exitCodes.ok;
}

function parseRange({ from, to, step }: BacktestOptions, now: Date): ReplayRange {
  const read = (option: string, text: string) => {
    const time = parseTime(text, now);
    if (time !== undefined) return time;
    throw new Failure(`--${option} ${text} is no time: write now, -6h, 2026-03-01, 2026-03-01T09:30Z or unix seconds`);
  };
  const range = { from: read('from', from), to: read('to', to), step };
  if (range.from >= range.to) throw new Failure(`--from ${from} is not before --to ${to}`);
  return range;
}

function alertsOf({ kind, spec }: KubeObject): ReplayedRule[] {
  if (kind !== 'PrometheusRule') return [];
  const { groups } = spec as { groups: { rules: Partial<ReplayedRule>[] }[] };
  return groups.flatMap(({ rules }) => rules).filter((rule): rule is ReplayedRule => rule.alert !== undefined);
}

function chooseRules(rules: readonly ReplayedRule[], wanted: readonly string[] | undefined): readonly ReplayedRule[] {
  const names = [...new Set(rules.map(({ alert }) => alert))];
  const missing = (wanted ?? []).filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new Failure(`no alert ${missing.join(', ')} in the files. There are: ${names.join(', ')}`);
  const chosen = wanted ? rules.filter(({ alert }) => wanted.includes(alert)) : rules;
  if (chosen.length === 0)
    throw new Failure('the files ask for no alert: is there spec.alerts, and a service to watch?');
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
  const told = silent.filter(({ withoutSamples }) => withoutSamples.length === 0);
  const lines = [`${formatTime(from)} to ${formatTime(to)}, evaluated every ${formatDuration(step)}`];
  lines.push(...fired.flatMap(formatFired));
  if (told.length > 0) lines.push(`never: ${nameEach(told)}`);
  for (const { alert, withoutSamples } of unsampled)
    lines.push(`cannot tell: ${alert} (no samples of ${withoutSamples.join(', ')} in that time)`);
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
