import type { Reason } from '../../api/names.ts';

/** Why a resource is not Ready. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
  /** Will not come right until somebody acts. */
  readonly stalled: boolean;
}
