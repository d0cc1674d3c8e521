/** How many samples a real Prometheus touches when it evaluates each rule once, by its own count of each query. */
import { askWithStats } from '../ask-with-stats.ts';
import type { RuleSet } from './rule-set.ts';

export interface TouchedSamples {
  readonly rules: number;
  readonly series_recorded: number;
  /** Of an hour of evaluations, for one minute. */
  readonly samples_per_minute: number;
  readonly rules_evaluated_per_minute: number;
  readonly seconds_per_minute: number;
}

const MINUTE = 60;

export async function countSamples(url: string, { groups, recordings }: RuleSet, at: number): Promise<TouchedSamples> {
  const perMinute = { samples: 0, rules: 0, seconds: 0 };
  for (const { interval, rules } of groups) {
    for (const { expr } of rules) {
      const { samples, seconds } = await askWithStats(url, expr, { time: at });
      perMinute.samples += (samples * MINUTE) / interval;
      perMinute.seconds += (seconds * MINUTE) / interval;
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
