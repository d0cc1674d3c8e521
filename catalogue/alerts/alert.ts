/**
 * The types of an alert: its limits, its rule, its texts and its runbook. The other files of this folder define the
 * alerts, one file for each group.
 */
import type { DashboardName } from '../dashboards.ts';
import type { ServiceName } from '../services.ts';

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** Unit of a threshold. A `share` lies between 0 and 1. */
type ThresholdUnit = 'share' | 'seconds' | 'errors a second' | 'USD an hour';

/** An alert has both a threshold and a unit, or neither. */
type Limit<Unit extends string> =
  | { readonly threshold: number; readonly unit: Unit }
  | { readonly threshold?: undefined; readonly unit?: undefined };

interface AnyAlert {
  /** The meaning of the alert, in one sentence. */
  readonly about: string;
  readonly severity: Severity;
  /** How long the expression must be true before the alert fires, as a Prometheus duration. */
  readonly for: string;
  /** Minimum number of events in the time window: with fewer events, the alert does not fire. Absent: no minimum. */
  readonly minVolume?: number;
  /** The annotation `summary`: one line, which may use Prometheus templates. */
  readonly summary: string;
}

/**
 * The values that the expression of an alert is built from: what a TradingPipeline watches, and the limits that it
 * sets.
 */
export interface AlertScope {
  readonly namespace: string;
  /** The names of all services that the TradingPipeline lists, including services that the catalogue does not know. */
  readonly services: readonly string[];
  readonly threshold: number;
  readonly minVolume: number;
  /** Time window for rate(), as a Prometheus duration. At least four scrape intervals. */
  readonly window: string;
  /**
   * Id of a declared pipeline. If set, the expression reads only the series of this pipeline, in every namespace,
   * because the id is unique in the cluster.
   */
  readonly pipelineId?: string | undefined;
}

/**
 * An alert on the platform. A TradingPipeline can change the alert's severity, duration, threshold and minimum volume,
 * and switch the alert on or off. controller/compile/alerts/alert-rule.ts compiles the alert to Prometheus rules.
 */
export type AlertDefinition = AnyAlert &
  Limit<ThresholdUnit> & {
    /** Present if the alert is off until a TradingPipeline switches it on. */
    readonly enabled?: false;
    /**
     * The services whose metrics the alert reads. A TradingPipeline that lists one of these services gets the alert.
     * `each`: the alert reads the metrics of any service, so every TradingPipeline that lists a service gets the alert.
     */
    readonly watches: 'each' | readonly ServiceName[];
    /** The dashboard that the annotation `dashboard_url` links to. */
    readonly dashboard: DashboardName;
    /**
     * While ServiceDown fires for one of these services, this alert is inhibited, because the missing service is the
     * cause. `own`: the service in the alert's label `service`. Empty for alerts on money, which are never inhibited.
     */
    readonly follows: 'own' | readonly ServiceName[];
    /**
     * Present if a TradingPipeline gets one rule for each of its services. `scope.services` then contains only that
     * service.
     */
    readonly perService?: true;
    /** Present if the result of the expression has the label `service`. The rule then does not set this label. */
    readonly byService?: true;
    /**
     * Present if the result of the expression has the label `pipeline_id`. There is then one alert for each pipeline.
     */
    readonly byPipeline?: true;
    /**
     * Present if a TradingPipeline that declares a pipeline gets an extra rule for that pipeline only, whatever
     * services the TradingPipeline lists. `with a budget`: only if the pipeline has a model budget.
     */
    readonly ofPipeline?: 'always' | 'with a budget';
    /**
     * Returns the PromQL expression, or undefined if the listed services do not emit the metrics that the alert needs.
     * Without these metrics there is no alert, because a wrong alert would be worse.
     */
    readonly expr: (scope: AlertScope) => string | undefined;
    /**
     * Returns the annotation `description`, which may use Prometheus templates. `limit` is the threshold with its unit.
     */
    readonly description: (scope: AlertScope, limit: string) => string;
  };

/**
 * The values that the expression of an operator alert is built from: where the operator runs, and the limits of the
 * alert.
 */
export interface OperatorAlertScope {
  readonly namespace: string;
  readonly threshold: number;
  readonly minVolume: number;
  readonly window: string;
}

/** An alert on the operator itself. No TradingPipeline can change it. */
export type OperatorAlertDefinition = AnyAlert &
  Limit<'share' | 'seconds' | 'writes' | 'objects'> & {
    /**
     * Time window over which the expression counts, as a Prometheus duration. Absent if the expression needs no window.
     */
    readonly window?: string;
    readonly expr: (scope: OperatorAlertScope) => string;
    /** Returns the annotation `description`, which may use Prometheus templates. */
    readonly description: (scope: OperatorAlertScope) => string;
  };

/**
 * What to do when an alert fires, in Markdown. docs/runbooks/alerts.md is generated from the runbooks. A runbook is not
 * part of the alert's definition, so that the operator's bundle does not include these texts.
 */
export interface Runbook {
  /** The symptom. */
  readonly means: string;
  readonly feels: string;
  /** Questions to answer (strings), each followed by the PromQL queries and shell commands that answer it. */
  readonly look: readonly (string | { readonly promql: string } | { readonly sh: string })[];
  /** One paragraph, or a list with one item for each finding, in the form `finding: what to do`. */
  readonly remedy: string | readonly string[];
  readonly silence: string;
}
