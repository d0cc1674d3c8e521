import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';

/**
 * A case of one alert: series in promtool's notation (one sample every 15 s), the times at which the alert must be
 * silent, and the times at which it must fire. `documented` is a simpler expression that users documented and that is
 * wrong in this case: at the first time at which the alert must fire (or, if it never must, be silent), the expression
 * must have the opposite result.
 */
export interface AlertCase<Name extends string> {
  readonly alert: Name;
  readonly what: string;
  readonly series: Readonly<Record<string, string>>;
  readonly silentAt?: readonly string[];
  readonly firesAt?: readonly string[];
  /**
   * Labels of the alert at the first of the times `firesAt`. The field `says` is the alert's description at that time.
   */
  readonly labels?: Readonly<Record<string, string>>;
  readonly says?: string;
  readonly documented?: string;
  /** Set if the case has no traffic: nothing happens, or there are no series. */
  readonly idle?: true;
}

/** The labels and annotations of the expected alert, including those that the case does not contain. */
interface WholeAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** The annotations of the rule. The summary and the link may contain templates with labels. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Builds the promtool test of a case. */
export function buildAlertTest<Name extends string>(one: AlertCase<Name>, whole: WholeAlert): object {
  const { alert, what, series, silentAt = [], firesAt = [], says, documented } = one;
  const [first] = [...firesAt, ...silentAt];
  const opposite = firesAt.length > 0 ? [] : [{ labels: '{}', value: 1 }];
  return {
    name: `${alert}: ${what}`,
    interval: '15s',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      ...silentAt.map((at) => firing(alert, at, false)),
      ...firesAt.map((at) => firing(alert, at, true)),
      ...(documented ? [{ expr: `count(${documented}) > bool 0`, eval_time: first, exp_samples: opposite }] : []),
    ],
    alert_rule_test: says
      ? [{ eval_time: firesAt[0], alertname: alert, exp_alerts: [describe(alert, says, whole)] }]
      : [],
  };
}

/** Builds the check that the alert fires (the result is one sample, 1) or does not fire (the result is empty). */
function firing(alert: string, at: string, fires: boolean) {
  const expr = `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`;
  return { expr, eval_time: at, exp_samples: fires ? [{ labels: '{}', value: 1 }] : [] };
}

function describe(alert: string, description: string, { labels, annotations }: WholeAlert) {
  const { summary = '', dashboard_url = '' } = annotations;
  const text = {
    summary: fillIn(summary, labels),
    description,
    runbook_url: `${DEFAULT_RUNBOOK_BASE_URL}#${alert.toLowerCase()}`,
    dashboard_url: fillIn(dashboard_url, labels),
  };
  return { exp_labels: labels, exp_annotations: text };
}

/** Fills in templates as Prometheus does, for values that need no escaping in a URL. */
function fillIn(template: string, labels: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{ \$labels\.(\w+)(?: \| urlquery)? \}\}/g, (_whole, label) => labels[label] ?? '');
}
