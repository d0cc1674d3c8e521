/** What an alert means, asks Prometheus, can be tuned to, and what to do when it fires. Pure. */
import { type AlertName, alertDefinition, alertNames } from '#catalogue/alerts.ts';
import {
  type ObjectiveAlertName,
  objectiveAlertNames,
  objectiveAlerts,
  objectiveNames,
} from '#catalogue/objectives.ts';
import { type OperatorAlertName, operatorAlertDefinition, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { CONTROLLER, serviceNames } from '#catalogue/services.ts';
import type { KubeObject } from '../api/kube-object.ts';
import { DEFAULT_RUNBOOK_BASE_URL, OPERATOR_NAMESPACE } from '../api/names.ts';
import { parseTradingPipelineSpec, type TradingPipelineSpec } from '../api/trading-pipeline.ts';
import { compile } from '../compile/compile.ts';
import { buildOperatorAlerts } from '../compile/objects/operator-monitoring.ts';
import { type AlertRule, groupsOf, isAlertRule } from '../compile/objects/rule-group.ts';

export interface Explanation {
  readonly alert: ExplainedAlert;
  readonly about: string;
  readonly enabledByDefault: boolean;
  readonly watches: readonly string[];
  readonly severity: string;
  readonly for: string;
  readonly threshold?: number;
  readonly thresholdUnit?: string;
  readonly minVolume?: number;
  /** One for each service that it is made for. */
  readonly rules: readonly AlertRule[];
  readonly runbook: string;
}

export type ExplainedAlert = AlertName | ObjectiveAlertName | OperatorAlertName;
/** Those that a TradingPipeline can ask for. */
export const resourceAlerts: readonly ExplainedAlert[] = [...alertNames, ...objectiveAlertNames];
export const explainedAlerts: readonly ExplainedAlert[] = [...resourceAlerts, ...operatorAlertNames];

/** The name as the catalogue writes it, whatever its case. */
export function findAlert(name: string): ExplainedAlert | undefined {
  return explainedAlerts.find((one) => one.toLowerCase() === name.toLowerCase());
}

const EXAMPLE_NAMESPACE = 'trading-platform';

/** `runbooks` is the text of docs/runbooks/alerts.md. */
export function explainAlert(name: ExplainedAlert, runbooks: string): Explanation {
  const rules = rulesByDefault(name);
  return { alert: name, ...definitionOf(name), rules, runbook: findSection(runbooks, name) };
}

function definitionOf(name: ExplainedAlert): Omit<Explanation, 'alert' | 'rules' | 'runbook'> {
  if (isOneOf(operatorAlertNames, name)) {
    const { about, severity, for: duration } = operatorAlertDefinition(name);
    return { about, severity, for: duration, enabledByDefault: true, watches: [CONTROLLER] };
  }
  if (isOneOf(objectiveAlertNames, name)) {
    const { about, severity } = objectiveAlerts[name];
    return { about, severity, for: '0m', enabledByDefault: true, watches: ['each objective'] };
  }
  const definition = alertDefinition(name);
  const { about, severity, for: duration, threshold, unit, minVolume, enabled = true, watches } = definition;
  return {
    about,
    enabledByDefault: enabled,
    watches: watches === 'each' ? ['each service'] : watches,
    severity,
    for: duration,
    ...(threshold !== undefined && { threshold }),
    ...(unit && { thresholdUnit: unit }),
    ...(minVolume !== undefined && { minVolume }),
  };
}

function isOneOf<Name extends ExplainedAlert>(names: readonly Name[], name: ExplainedAlert): name is Name {
  return (names as readonly ExplainedAlert[]).includes(name);
}

/** As the operator's manifest has them, or as the controller makes them for a resource that lists all the platform's services. */
function rulesByDefault(name: ExplainedAlert): AlertRule[] {
  if (isOneOf(operatorAlertNames, name)) {
    const own = { namespace: OPERATOR_NAMESPACE, runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL };
    return buildOperatorAlerts(own).filter(({ alert }) => alert === name);
  }
  const parsed = parseTradingPipelineSpec({
    services: serviceNames.map((service) => ({ name: service })),
    alerts: { rules: isOneOf(alertNames, name) ? { [name]: { enabled: true } } : {} },
    objectives: [{ name: objectiveNames[0] }],
  });
  if ('problems' in parsed) throw new Error(parsed.problems.join('; '));
  return alertRulesOf(parsed.spec).filter(({ alert }) => alert === name);
}

function alertRulesOf(spec: TradingPipelineSpec): AlertRule[] {
  const owner = { namespace: EXAMPLE_NAMESPACE, name: 'example', uid: '' };
  const rule = compile({ owner, spec }).objects.find(({ kind }: KubeObject) => kind === 'PrometheusRule');
  return groupsOf(rule ?? {}).flatMap(({ rules }) => rules.filter(isAlertRule));
}

/** What stands under a heading of a page. */
export function findSection(page: string, heading: string): string {
  const [, after = ''] = page.split(`\n## ${heading}\n`);
  return (after.split('\n## ')[0] ?? '').trim();
}

export function formatExplanation(one: Explanation): string {
  const [first] = one.rules;
  const others = one.rules.length > 1 ? `, and the same for ${one.rules.length - 1} more services` : '';
  return [
    `${one.alert}: ${one.about}.`,
    '',
    `  severity   ${one.severity}`,
    `  for        ${one.for}`,
    ...(one.threshold === undefined ? [] : [`  threshold  ${one.threshold} (${one.thresholdUnit})`]),
    ...(one.minVolume === undefined ? [] : [`  minVolume  ${one.minVolume} events in the window`]),
    `  watches    ${one.watches.join(', ')}`,
    `  enabled    ${one.enabledByDefault ? 'by default' : 'only where a resource turns it on'}`,
    '',
    `Expression, by default, in namespace ${EXAMPLE_NAMESPACE}${others}:`,
    '',
    ...indent(first?.expr ?? ''),
    '',
    ...formatTuning(one),
    one.runbook,
    '',
  ].join('\n');
}

/** An objective's alerts are tuned in the objective, the operator's own in its manifest. */
function formatTuning({ alert, severity, for: duration, threshold, minVolume }: Explanation): string[] {
  if (!isOneOf(alertNames, alert)) return [];
  const fields = [
    ...(threshold === undefined ? [] : [`threshold: ${threshold}`]),
    ...(minVolume === undefined ? [] : [`minVolume: ${minVolume}`]),
    `for: ${duration}`,
    `severity: ${severity}`,
  ];
  const example = `spec:\n  alerts:\n    rules:\n      ${alert}: {${fields.join(', ')}}`;
  return ['Tune it in a TradingPipeline:', '', ...indent(example), ''];
}

function indent(text: string): string[] {
  return text.split('\n').map((line) => `    ${line}`);
}
