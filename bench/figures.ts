/** What a benchmark says: one JSON line a case on standard output; what it is doing, on standard error. */
import { cpus, loadavg, totalmem } from 'node:os';

export interface Figures {
  readonly [name: string]: number | string | object;
}

/** The machine, and how busy it is before the case begins: ratios travel, absolute figures do not. */
export function describeMachine(): object {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 1e9)} GB`;
  return { cpus: cpus().length, model: first?.model, memory, node: process.version, load_before: loadavg()[0] };
}

/** `conditions`: what the figures depend on and a reader cannot see. */
export function printCase(bench: string, name: string, figures: Figures, conditions: object): void {
  process.stdout.write(`${JSON.stringify({ bench, case: name, ...figures, conditions })}\n`);
}

export function round(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

/** The least of the values that this share of them does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
