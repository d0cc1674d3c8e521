import type { Reason } from '../../api/names.ts';

/** Status, reason and message of one condition. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
}

/** A reason why a TradingPipeline is not Ready. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
  /** True if the problem lasts until somebody acts. The TradingPipeline is then Stalled, otherwise Reconciling. */
  readonly stalled: boolean;
}

/** The content of a Kubernetes Event, which `kubectl describe` shows below the TradingPipeline. */
export interface ConditionEvent {
  /** Type of the condition that changed. */
  readonly about: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
  /** True if an Event with another note is another Event, instead of a repetition that is only counted. */
  readonly isSeparate?: boolean;
}
