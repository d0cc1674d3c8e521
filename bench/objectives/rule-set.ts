/** A set of rules under comparison, with the recorded series that its rules read. */
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

/** A series that one of the rules recorded before. */
export interface Recording {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds between two samples. */
  readonly step: number;
  readonly value: number;
  /** Set if rules only read the last sample, never a range: the history then holds one sample. */
  readonly isLast?: true;
}

/** Evaluation interval of groups without one: a minute, the default of Prometheus. */
export const EVALUATION_SECONDS = 60;

/** The pipeline id of the series at this index. */
export function pipelineIdOf(index: number): string {
  return `desk.tp-${index}`;
}

export const WORKER = { job: 'celery-worker', namespace: 'desk', instance: 'worker:8001' };
