/** Input and output of a benchmark: numeric options, one JSON line per case on standard output, progress on standard error. */
import { cpus, loadavg, totalmem } from 'node:os';

export interface Figures {
  readonly [name: string]: number | string | object;
}

/** Describes the machine and its load before the case. Only ratios can be compared between machines. */
export function describeMachine(): object {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 1e9)} GB`;
  return { cpus: cpus().length, model: first?.model, memory, node: process.version, load_before: loadavg()[0] };
}

/** @param conditions parameters of the run on which the figures depend, such as options of the benchmark */
export function printCase(bench: string, name: string, figures: Figures, conditions: object): void {
  process.stdout.write(`${JSON.stringify({ bench, case: name, ...figures, conditions })}\n`);
}

export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

/**
 * Returns the smallest of the values for which at least `share` (0 to 1) of all values are not larger (nearest rank).
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Parses a numeric option. @throws Error if it is not a whole number above 0 */
export function readCount(option: string, given: string): number {
  const count = Number(given);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--${option}: expected a whole number above 0, got ${given}`);
  return count;
}

export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
