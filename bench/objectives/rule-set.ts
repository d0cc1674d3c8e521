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

/** A recorded series that the rules read; an earlier evaluation of one of the rules wrote it. */
export interface Recording {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds between two samples. */
  readonly step: number;
  readonly value: number;
  /** Set if the rules read only the last sample of this series, never a range. The history then contains one sample. */
  readonly isLast?: true;
}

/** Evaluation interval of groups without one: a minute, the default of Prometheus. */
export const EVALUATION_SECONDS = 60;

/** The pipeline id of the series at this index. */
export function pipelineIdOf(index: number): string {
  return `desk.tp-${index}`;
}

export const WORKER = { job: 'celery-worker', namespace: 'desk', instance: 'worker:8001' };
