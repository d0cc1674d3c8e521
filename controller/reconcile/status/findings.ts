import type { RejectedRule } from '../../compile/alerts/custom-rules.ts';
import type { LostService } from '../claims/claims.ts';
import type { Monitoring } from '../monitoring/monitoring.ts';
import type { Registration } from '../registration/registration.ts';
import type { ResolvedService } from '../claims/resolve-services.ts';

/** An object that could not be written, and why. */
export interface UnwrittenObject {
  readonly kind: string;
  readonly name: string;
  readonly message: string;
}

/** All that a reconcile found out: what the status is made of. */
export interface Findings {
  /** Its user asked for nothing to be written; nothing else is known then. */
  readonly paused?: boolean;
  /** Wrong fields of the spec, each with its path; nothing else is known then. */
  readonly invalid: readonly string[];
  readonly services: readonly ResolvedService[];
  readonly lostServices: readonly LostService[];
  readonly rejectedRules: readonly RejectedRule[];
  /** Names that belong to somebody else. */
  readonly taken: readonly UnwrittenObject[];
  /** What the API server refused. */
  readonly refused: readonly UnwrittenObject[];
  readonly resources: readonly { readonly kind: string; readonly name: string }[];
  readonly alerts: number;
  /** What Prometheus and Grafana make of it. */
  readonly monitoring?: Monitoring;
  /** Whether the backend has its pipeline; absent when it declares none. */
  readonly registration?: Registration;
}
