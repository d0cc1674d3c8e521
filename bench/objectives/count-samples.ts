/** How many samples a real Prometheus touches when it evaluates each rule once, by its own count of each query. */
import type { RuleSet } from './rule-set.ts';

export interface TouchedSamples {
  readonly rules: number;
  readonly series_recorded: number;
  /** Of an hour of evaluations, for one minute. */
  readonly samples_per_minute: number;
  readonly rules_evaluated_per_minute: number;
  readonly seconds_per_minute: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly unknown[];
    readonly stats: {
      readonly timings: { readonly evalTotalTime: number };
      readonly samples: { readonly totalQueryableSamples: number };
    };
  };
}

const MINUTE = 60;

export async function countSamples(url: string, { groups, recordings }: RuleSet, at: number): Promise<TouchedSamples> {
  const perMinute = { samples: 0, rules: 0, seconds: 0 };
  for (const { interval, rules } of groups) {
    for (const { expr } of rules) {
      const { stats } = await evaluate(url, expr, at);
      perMinute.samples += (stats.samples.totalQueryableSamples * MINUTE) / interval;
      perMinute.seconds += (stats.timings.evalTotalTime * MINUTE) / interval;
      perMinute.rules += MINUTE / interval;
    }
  }
  return {
    rules: groups.reduce((sum, { rules }) => sum + rules.length, 0),
    series_recorded: recordings.length,
    samples_per_minute: Math.round(perMinute.samples),
    rules_evaluated_per_minute: Math.round(perMinute.rules),
    seconds_per_minute: Number(perMinute.seconds.toFixed(2)),
  };
}

/** A rule that touches nothing is one whose input this benchmark has forgotten. */
async function evaluate(url: string, query: string, at: number): Promise<Answer['data']> {
  const body = new URLSearchParams({ query, time: String(at), stats: 'all' });
  const answer = (await (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json()) as Answer;
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${query}`);
  const { totalQueryableSamples } = answer.data.stats.samples;
  if (totalQueryableSamples === 0 && !/^vector\(/.test(query)) throw new Error(`it touches no sample: ${query}`);
  return answer.data;
}
