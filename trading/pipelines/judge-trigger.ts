/**
 * Judges whether signals can start a pipeline: compares its tickers and subscriptions with what the platform emits. Pure, except for
 * the index of the last list. Texts
 * contain no figure that changes by itself, so that a condition with such a text is not written again and again.
 */
import { findNearest } from '#base/find-nearest.ts';
import type { Timeframe } from '../market/bar.ts';
import type { Emitted, EmittedSeries } from '../signals/emitted.ts';
import type { PipelineDefinition, SignalSubscription } from './pipeline.ts';

/** `never-seen`: the platform has watched for long enough. `not-seen-yet`: it started a short time ago. */
export const triggerWarningCodes = ['never-seen', 'not-seen-yet'] as const;
type TriggerWarningCode = (typeof triggerWarningCodes)[number];

export interface TriggerWarning {
  /** Path of the field in the definition. */
  readonly path: readonly (string | number)[];
  readonly code: TriggerWarningCode;
  readonly message: string;
}

type Judged = Pick<PipelineDefinition, 'trigger' | 'tickers'>;
type Finding = Omit<TriggerWarning, 'code'>;

/** Longest list of warnings, and of series in a message. */
export const MOST_WARNINGS = 10;
const MOST_LISTED = 8;

/** Shortest time to watch before something counts as never seen: a generator emits every series within seconds. */
const PATIENCE_SECONDS = 120;
const HOUR = 3_600;
const lengths: Readonly<Record<Timeframe, number>> = {
  ...{ '1m': 60, '5m': 300, '15m': 900, '30m': 1_800, '1h': HOUR, '4h': 4 * HOUR },
  ...{ '1d': 24 * HOUR, '1w': 7 * 24 * HOUR, '1M': 31 * 24 * HOUR },
};

/**
 * Returns what nothing emits of that which the pipeline waits for: tickers, and subscriptions that no ticker can fulfil. Empty
 * for a pipeline that no signal starts, and if the list of what is emitted is not complete.
 */
export function judgeTrigger({ trigger, tickers }: Judged, emitted: Emitted): TriggerWarning[] {
  if (trigger.mode !== 'signal' || !emitted.complete) return [];
  const known = indexBySymbol(emitted);
  const code = judgePatience(trigger.signals, emitted);
  const found = [
    ...judgeTickers(tickers, trigger.signals, known),
    ...judgeSubscriptions(tickers, trigger.signals, known),
  ];
  return found.slice(0, MOST_WARNINGS).map((finding) => ({ ...finding, code }));
}

/** The index of the last list: one list is compared with many pipelines. */
let last: { readonly emitted: Emitted; readonly known: Known } | undefined;

function indexBySymbol(emitted: Emitted): Known {
  if (last?.emitted !== emitted) last = { emitted, known: Map.groupBy(emitted.series, ({ symbol }) => symbol) };
  return last.known;
}

type Known = ReadonlyMap<string, readonly EmittedSeries[]>;

/**
 * If generators declare all that they emit, what is not on the list does not come. Any other source may emit a bar or a signal
 * only once in the time of a bar.
 */
function judgePatience(signals: readonly SignalSubscription[], emitted: Emitted): TriggerWarningCode {
  const longest = Math.max(...signals.map(({ timeframe }) => (timeframe ? lengths[timeframe] : HOUR)));
  const patience = emitted.declared ? PATIENCE_SECONDS : Math.max(PATIENCE_SECONDS, longest);
  return emitted.series.length > 0 && emitted.watched_seconds >= patience ? 'never-seen' : 'not-seen-yet';
}

function judgeTickers(tickers: readonly string[], signals: readonly SignalSubscription[], known: Known): Finding[] {
  const found: Finding[] = [];
  for (const [index, ticker] of tickers.entries()) {
    // The search for the nearest symbol is the expensive part, so it ends with the longest list.
    if (found.length === MOST_WARNINGS) break;
    const message = judgeTicker(ticker, signals, known);
    if (message !== undefined) found.push({ path: ['tickers', index], message });
  }
  return found;
}

function judgeTicker(ticker: string, signals: readonly SignalSubscription[], known: Known): string | undefined {
  const series = known.get(ticker);
  if (!series) return describeUnknown(ticker, known);
  if (signals.some((wanted) => series.some((one) => fulfils(one, wanted)))) return undefined;
  const wanted = describeAll(signals.map(describeSubscription));
  return `nothing emits ${wanted} of ${ticker}; it has ${describeAll(series.map(describeSeries))}`;
}

/** Names subscriptions that no ticker fulfils, if some ticker is emitted at all: otherwise the tickers are the reason. */
function judgeSubscriptions(
  tickers: readonly string[],
  signals: readonly SignalSubscription[],
  known: Known,
): Finding[] {
  const series = [...new Set(tickers)].flatMap((ticker) => known.get(ticker) ?? []);
  if (series.length === 0) return [];
  return signals.flatMap((wanted, index) => {
    if (series.some((one) => fulfils(one, wanted))) return [];
    const message = `nothing emits ${describeSubscription(wanted)} of any ticker here; there is ${describeAll(series.map(describeSymbol))}`;
    return [{ path: ['trigger', 'signals', index], message }];
  });
}

function fulfils({ timeframe, types }: EmittedSeries, wanted: SignalSubscription): boolean {
  return (wanted.timeframe === undefined || wanted.timeframe === timeframe) && types.includes(wanted.type);
}

function describeUnknown(ticker: string, known: Known): string {
  const nearest = findNearest(ticker, known.keys());
  const list = [...known.values()].flat().map(describeSymbol);
  const emitted = list.length > 0 ? `; emitted is ${describeAll(list)}` : '';
  return `nothing emits ${ticker}${nearest ? `; the nearest is ${nearest}` : ''}${emitted}`;
}

function describeSubscription({ type, timeframe }: SignalSubscription): string {
  return timeframe ? `${type} ${timeframe}` : type;
}

function describeSeries({ timeframe, types }: EmittedSeries): string {
  return `${timeframe} (${types.join(', ')})`;
}

function describeSymbol({ symbol, timeframe }: EmittedSeries): string {
  return `${symbol} ${timeframe}`;
}

function describeAll(texts: readonly string[]): string {
  const rest = texts.length - MOST_LISTED;
  return `${texts.slice(0, MOST_LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
