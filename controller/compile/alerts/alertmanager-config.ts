/**
 * What Alertmanager must know of the platform's alerts: whom to wake, what to put into one message, and what not to say twice.
 * Pure, from the catalogue. `make generate` writes it for the local stack; a cluster's Alertmanager takes the same routes and
 * inhibitions into its own configuration. Only alerts of the platform are touched: those with the label `tradingpipeline`, and
 * those of the operator on itself.
 */
import { type AlertName, alertDefinition, alertLabels, alertNames } from '#catalogue/alerts.ts';
import { objectiveAlertNames } from '#catalogue/objectives.ts';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { serviceNames } from '#catalogue/services.ts';

export interface AlertmanagerRoute {
  readonly receiver: string;
  readonly matchers?: readonly string[];
  readonly group_by?: readonly string[];
  /** How long a first message waits for what else begins to fire. */
  readonly group_wait?: string;
  /** How long the next message of the group waits. */
  readonly group_interval?: string;
  /** How soon the same message is sent again while nothing changes. */
  readonly repeat_interval?: string;
  readonly routes?: readonly AlertmanagerRoute[];
}

export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

export interface AlertmanagerConfig {
  readonly route: AlertmanagerRoute;
  readonly inhibit_rules: readonly InhibitRule[];
  readonly receivers: readonly { readonly name: string }[];
}

/** Where alerts go: `page` wakes somebody, `ticket` waits for the morning, `nobody` is only seen on the page of Alertmanager. */
export const receivers = { page: 'page', ticket: 'ticket', nobody: 'nobody' } as const;

/** A Prometheus of several clusters has the first as an external label; where there is none, none equals none. */
const place = ['cluster', alertLabels.namespace] as const;
const ours = `${alertLabels.pipeline}=~".+"`;

export function buildAlertmanagerConfig(): AlertmanagerConfig {
  return {
    route: buildRoute(),
    inhibit_rules: [...buildConsequences(), ...buildTwins()],
    receivers: Object.values(receivers).map((name) => ({ name })),
  };
}

/** One page an outage, whatever it sets off; a ticket for each kind of trouble; nothing at all for information. */
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

/** A service that is down silences what follows from it. */
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

/** The worse of two alerts on one thing silences the other. */
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

/** Names of alerts are letters and digits: no escape needed. */
function named(...names: readonly string[]): string {
  return names.length === 1 ? `alertname="${names[0]}"` : `alertname=~"${names.join('|')}"`;
}
