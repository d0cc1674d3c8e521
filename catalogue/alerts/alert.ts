/** The shape of an alert: its limits, its rule, its texts and its runbook. The files beside this one define the alerts by group. */
import type { DashboardName } from '../dashboards.ts';
import type { ServiceName } from '../services.ts';

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** A `share` lies between 0 and 1. */
type ThresholdUnit = 'share' | 'seconds' | 'errors a second' | 'USD an hour';

/** An alert has a threshold and its unit, or neither. */
type Limit<Unit extends string> =
  | { readonly threshold: number; readonly unit: Unit }
  | { readonly threshold?: undefined; readonly unit?: undefined };

interface AnyAlert {
  /** What the alert means, in one sentence. */
  readonly about: string;
  readonly severity: Severity;
  /** How long the expression must hold, as a Prometheus duration. */
  readonly for: string;
  /** The alert never fires on fewer events than this in its window. */
  readonly minVolume?: number;
  /** One line. May use templates of Prometheus. */
  readonly summary: string;
}

/** What the expression of an alert is built from: what a TradingPipeline watches, and the limits it chose. */
export interface AlertScope {
  readonly namespace: string;
  /** The names of all services that the resource lists, including services that the catalogue does not know. */
  readonly services: readonly string[];
  readonly threshold: number;
  readonly minVolume: number;
  /** Window of rates, as a Prometheus duration: at least four scrapes. */
  readonly window: string;
  /** If set, only this pipeline's series are read, from every namespace: the id is unique in the cluster. */
  readonly pipelineId?: string | undefined;
}

/**
 * An alert on the platform. A TradingPipeline can change its severity, duration, threshold and least volume, and switch it on or off.
 * controller/compile/alerts/alert-rule.ts makes Prometheus' rules from it.
 */
export type AlertDefinition = AnyAlert &
  Limit<ThresholdUnit> & {
    /** Present on alerts that are off until a resource switches them on. */
    readonly enabled?: false;
    /** The services whose metrics the alert reads. A resource that lists one of them gets the alert. */
    readonly watches: 'each' | readonly ServiceName[];
    /** The dashboard that `dashboard_url` opens. */
    readonly dashboard: DashboardName;
    /**
     * ServiceDown of one of these services silences the alert, because it explains the alert. `own`: ServiceDown of the service in
     * the alert's label `service`. Empty for alerts on money, which are never silenced.
     */
    readonly follows: 'own' | readonly ServiceName[];
    /** The resource gets one rule for each of its services, and `services` of the scope holds only that service. */
    readonly perService?: true;
    /** The expression keeps the label `service`, so the rule does not set it. */
    readonly byService?: true;
    /** The expression keeps the label `pipeline_id`: one alert for each pipeline. */
    readonly byPipeline?: true;
    /**
     * A resource that declares a pipeline also gets a rule for that pipeline, whatever services it lists.
     * `with a budget`: only if the pipeline has a model budget.
     */
    readonly ofPipeline?: 'always' | 'with a budget';
    /** Returns undefined if the listed services do not emit what the alert needs: no alert is better than a wrong one. */
    readonly expr: (scope: AlertScope) => string | undefined;
    /** May use templates of Prometheus. `limit` is the threshold with its unit. */
    readonly description: (scope: AlertScope, limit: string) => string;
  };

/** Where the operator runs, and the limits of one of its alerts. */
export interface OperatorAlertScope {
  readonly namespace: string;
  readonly threshold: number;
  readonly minVolume: number;
  readonly window: string;
}

/** An alert on the operator itself. Nobody tunes it. */
export type OperatorAlertDefinition = AnyAlert &
  Limit<'share' | 'seconds' | 'writes' | 'objects'> & {
    /** How far back the expression counts, as a Prometheus duration. */
    readonly window?: string;
    readonly expr: (scope: OperatorAlertScope) => string;
    /** May use templates of Prometheus. */
    readonly description: (scope: OperatorAlertScope) => string;
  };

/**
 * What to do when an alert fires, in Markdown. docs/runbooks/alerts.md is generated from it. It stands beside the definition, not in
 * it: the operator does not need these texts, and its bundle leaves them out.
 */
export interface Runbook {
  /** The symptom. */
  readonly means: string;
  readonly feels: string;
  /** In this order: what to find out, and the queries and commands that answer it. */
  readonly look: readonly (string | { readonly promql: string } | { readonly sh: string })[];
  /** One paragraph, or one item for each finding: the finding, a colon, what to do. */
  readonly remedy: string | readonly string[];
  readonly silence: string;
}
