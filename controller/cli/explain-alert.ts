/** Explains an alert: its meaning, its expression, its tunable fields and its runbook. Pure. */
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
import { type AlertRule, groupsOf, isAlertRule } from '../compile/objects/generated-object.ts';
import { buildOperatorAlerts } from '../compile/objects/operator-monitoring.ts';

interface Explanation {
  readonly alert: ExplainedAlert;
  readonly about: string;
  readonly enabledByDefault: boolean;
  readonly watches: readonly string[];
  readonly severity: string;
  readonly for: string;
  readonly threshold?: number;
  readonly thresholdUnit?: string;
  readonly minVolume?: number;
  /** One rule for each service that the alert watches. */
  readonly rules: readonly AlertRule[];
  readonly runbook: string;
}

type ExplainedAlert = AlertName | ObjectiveAlertName | OperatorAlertName;
/** The alerts that a TradingPipeline can enable. */
export const resourceAlerts: readonly ExplainedAlert[] = [...alertNames, ...objectiveAlertNames];
export const explainedAlerts: readonly ExplainedAlert[] = [...resourceAlerts, ...operatorAlertNames];

/** Finds an alert by its name, ignoring case, and returns the name as the catalogue spells it. */
export function findAlert(name: string): ExplainedAlert | undefined {
  return explainedAlerts.find((one) => one.toLowerCase() === name.toLowerCase());
}

const EXAMPLE_NAMESPACE = 'trading-platform';

/** @param runbooks content of docs/runbooks/alerts.md */
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

/**
 * Returns the alert's rules with default settings: from the operator's manifest, or compiled for a TradingPipeline that
 * lists every service.
 */
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

/** Returns the text under a `##` heading of a Markdown page, up to the next such heading. */
function findSection(page: string, heading: string): string {
  const [, after = ''] = page.split(`\n## ${heading}\n`);
  return (after.split('\n## ')[0] ?? '').trim();
}

export function formatExplanation(one: Explanation): string {
  const [first] = one.rules;
  const more = one.rules.length - 1;
  const others = more > 0 ? `; the same for ${more} more ${more === 1 ? 'service' : 'services'}` : '';
  return [
    `${one.alert}: ${one.about}.`,
    '',
    `  severity   ${one.severity}`,
    `  for        ${one.for}`,
    ...(one.threshold === undefined ? [] : [`  threshold  ${one.threshold} (${one.thresholdUnit})`]),
    ...(one.minVolume === undefined ? [] : [`  minVolume  ${one.minVolume} events in the window`]),
    `  watches    ${one.watches.join(', ')}`,
    `  enabled    ${one.enabledByDefault ? 'by default' : 'only if a resource enables it'}`,
    '',
    `Default expression, in namespace ${EXAMPLE_NAMESPACE}${others}:`,
    '',
    ...indent(first?.expr ?? ''),
    '',
    ...formatTuning(one),
    one.runbook,
    '',
  ].join('\n');
}

/**
 * Returns lines that say how to tune a platform alert. Returns none for other alerts: objective alerts are tuned in the
 * objective, the operator's own alerts in its manifest.
 */
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
