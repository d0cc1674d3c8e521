import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';

/**
 * For one alert: series in promtool's notation (one sample every 15 s), when the alert must be silent and when it must fire.
 * Where the expression that users wrote down misleads, `documented` is that expression: it must say the opposite at the
 * first time given.
 */
export interface AlertCase<Name extends string> {
  readonly alert: Name;
  readonly what: string;
  readonly series: Readonly<Record<string, string>>;
  readonly silentAt?: readonly string[];
  readonly firesAt?: readonly string[];
  /** Labels and description of the one alert at the first of `firesAt`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly says?: string;
  readonly documented?: string;
  /** Nothing happens in it, or there is no series at all: the case without traffic. */
  readonly idle?: true;
}

/** What the rule has beside the case's own text. */
export interface WholeAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** As the rule has them: summary and link may name labels. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** The case as promtool tests it. */
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

/** The samples promtool must find: one series saying how many alerts fire, or none. */
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

/** As Prometheus does it for values that need no escape in a URL. */
function fillIn(template: string, labels: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{ \$labels\.(\w+)(?: \| urlquery)? \}\}/g, (_whole, label) => labels[label] ?? '');
}
