/** Rules of objectives under comparison, and what of their own recordings they need to find in Prometheus. */
export interface RuleSet {
  readonly name: string;
  readonly groups: readonly BenchGroup[];
  readonly recordings: readonly Recording[];
}

export interface BenchGroup {
  /** Seconds between two evaluations. */
  readonly interval: number;
  readonly rules: readonly { readonly expr: string }[];
}

/** A series that a rule recorded before. */
export interface Recording {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds between two samples. */
  readonly step: number;
  readonly value: number;
  /** Only its last sample is ever read: no range of it. */
  readonly isLast?: true;
}

/** Where a rule does not say how often it runs: once a minute, as Prometheus does by default. */
export const EVALUATION_SECONDS = 60;

/** Labels of the platform's own series: one pipeline among a thousand. */
export function pipelineIdOf(index: number): string {
  return `desk.tp-${index}`;
}

export const WORKER = { job: 'celery-worker', namespace: 'desk', instance: 'worker:8001' };
