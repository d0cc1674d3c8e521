/** Counts the samples that Prometheus reads when it evaluates every rule of a set once. */
import { askWithStats } from '../ask-with-stats.ts';
import type { RuleSet } from './rule-set.ts';

interface TouchedSamples {
  readonly rules: number;
  readonly series_recorded: number;
  /** Number of samples that all rule evaluations within one minute read, on average. */
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
