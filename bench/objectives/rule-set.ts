/** A set of rules under comparison, with the recorded series that its rules read. */
export interface RuleSet {
  readonly name: string;
  readonly groups: readonly BenchGroup[];
  readonly recordings: readonly Recording[];
}

export interface BenchGroup {
  /** Seconds between two evaluations of the rules. */
  readonly interval: number;
  readonly rules: readonly { readonly expr: string }[];
}

/** A recorded series that the rules read; an earlier evaluation of one of the rules wrote it. */
export interface Recording {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds between two samples of the series. */
  readonly step: number;
  readonly value: number;
  /** Set if the rules read only the last sample of this series, never a range. The history then contains one sample. */
  readonly isLast?: true;
}

/** Evaluation interval of rule groups that set none, in seconds: the default of Prometheus, a minute. */
export const EVALUATION_SECONDS = 60;

/** Returns the id of the pipeline with this index. */
export function pipelineIdOf(index: number): string {
  return `desk.tp-${index}`;
}

export const WORKER = { job: 'celery-worker', namespace: 'desk', instance: 'worker:8001' };
