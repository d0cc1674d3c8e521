/**
 * Builds Alertmanager's configuration for the platform's alerts: who is notified, which alerts are grouped into one
 * notification, and which alerts inhibit other alerts. Pure. `make generate` writes the configuration for the local
 * stack; for a cluster, users copy the routes and inhibit rules into their own configuration. The matchers select only
 * alerts with the label `tradingpipeline`, and the operator's alerts about itself.
 */
import { type AlertName, alertDefinition, alertLabels, alertNames } from '#catalogue/alerts.ts';
import { objectiveAlertNames } from '#catalogue/objectives.ts';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { serviceNames } from '#catalogue/services.ts';

interface AlertmanagerRoute {
  readonly receiver: string;
  readonly matchers?: readonly string[];
  readonly group_by?: readonly string[];
  /** How long the first notification of a group waits for more alerts. */
  readonly group_wait?: string;
  /** How long to wait before a notification about alerts that have joined a group after its first notification. */
  readonly group_interval?: string;
  /** How long to wait before an unchanged notification is sent again. */
  readonly repeat_interval?: string;
  readonly routes?: readonly AlertmanagerRoute[];
}

interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

interface AlertmanagerConfig {
  readonly route: AlertmanagerRoute;
  readonly inhibit_rules: readonly InhibitRule[];
  readonly receivers: readonly { readonly name: string }[];
}

/**
 * `page` wakes somebody, `ticket` waits for the morning. Alerts for `nobody` are only shown in Alertmanager's web
 * interface.
 */
const receivers = { page: 'page', ticket: 'ticket', nobody: 'nobody' } as const;

/**
 * Labels that tell where an alert comes from. `cluster` is an external label that Prometheus sets if there are several
 * clusters. If two alerts both lack this label, Alertmanager treats their values of the label as equal.
 */
const place = ['cluster', alertLabels.namespace] as const;
const ours = `${alertLabels.pipeline}=~".+"`;

export function buildAlertmanagerConfig(): AlertmanagerConfig {
  return {
    route: buildRoute(),
    inhibit_rules: [...buildConsequences(), ...buildTwins()],
    receivers: Object.values(receivers).map((name) => ({ name })),
  };
}

/**
 * Sends all critical alerts of a namespace as one page, so that an outage and its consequences cause only one page.
 * Sends all warnings with the same name in a namespace as one ticket, and all other alerts to nobody.
 */
function buildRoute(): AlertmanagerRoute {
  return {
    receiver: receivers.nobody,
    group_by: [...place, 'alertname'],
    routes: [ours, named(...operatorAlertNames)].flatMap((whose) => [buildPage(whose), buildTicket(whose)]),
  };
}

function buildPage(whose: string): AlertmanagerRoute {
  return {
    receiver: receivers.page,
    matchers: [whose, `${alertLabels.severity}="critical"`],
    group_by: place,
    group_wait: '10s',
    group_interval: '1m',
    repeat_interval: '1h',
  };
}

function buildTicket(whose: string): AlertmanagerRoute {
  return {
    receiver: receivers.ticket,
    matchers: [whose, `${alertLabels.severity}="warning"`],
    group_by: [...place, 'alertname'],
    group_wait: '1m',
    group_interval: '15m',
    repeat_interval: '1d',
  };
}

/** Inhibits alerts that follow from a service that is down. */
function buildConsequences(): InhibitRule[] {
  const followers = (service: string) =>
    alertNames.filter((name) => followsOf(name).some((followed) => followed === service));
  const own = alertNames.filter((name) => alertDefinition(name).follows === 'own');
  return [
    ...serviceNames.map((service) => ({
      source_matchers: [ours, named('ServiceDown'), `${alertLabels.service}="${service}"`],
      target_matchers: [ours, named(...followers(service))],
      equal: place,
    })),
    {
      source_matchers: [ours, named('ServiceDown')],
      target_matchers: [ours, named(...own, ...objectiveAlertNames)],
      equal: [...place, alertLabels.service],
    },
    {
      source_matchers: [named('OperatorDown')],
      target_matchers: [named(...operatorAlertNames.filter((name) => name !== 'OperatorDown'))],
      equal: place,
    },
  ];
}

/**
 * Inhibits the less severe of two alerts about the same subject: of the two burn rate alerts of an objective, and of
 * two alerts with equal name, service, pipeline and objective.
 */
function buildTwins(): InhibitRule[] {
  return [
    {
      source_matchers: [named('ObjectiveBurnsFast')],
      target_matchers: [named('ObjectiveBurnsSlowly')],
      equal: [...place, alertLabels.pipeline, alertLabels.objective],
    },
    {
      source_matchers: [ours, `${alertLabels.severity}="critical"`],
      target_matchers: [ours, `${alertLabels.severity}=~"warning|info"`],
      equal: [...place, 'alertname', alertLabels.service, 'pipeline_id', alertLabels.objective],
    },
  ];
}

function followsOf(name: AlertName): readonly string[] {
  const { follows } = alertDefinition(name);
  return follows === 'own' ? [] : follows;
}

/** Returns a matcher for alert names. The names contain only letters and digits, so they need no escaping. */
function named(...names: readonly string[]): string {
  return names.length === 1 ? `alertname="${names[0]}"` : `alertname=~"${names.join('|')}"`;
}
