/**
 * Makes the alerts fire within a game day: through the TradingPipeline's own fields where it has them, and for the alerts on
 * the operator in their PrometheusRule. What is left as it is: every expression, and the five-minute window of rates.
 */
import { type AlertName, alertDefinition, alertNames } from '#catalogue/alerts.ts';
import { type OperatorAlertName, operatorAlertDefinition, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { CONTROLLER } from '#catalogue/services.ts';
import { resources } from '#controller/api/resources.ts';
import { editSpec, platform } from '../faults/api-server.ts';
import type { Heal } from '../faults/heal.ts';
import { restartWith } from '../faults/processes.ts';
import { queryNumber } from '../observe/monitoring.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { AnyAlertName } from './drill.ts';

/** Two evaluations of a rule. */
const FOR = '30s';
/** Of the operator's rules: eight scrapes. */
const WINDOW = '2m';
/** So that an operator that works reconciles within the shortened window, however quiet its resources are, whoever starts it. */
export const resyncOften = { RESYNC_MS: '30000' };
/** Half of it is more than what a service takes on under load. */
export const LEAK_BYTES = 800e6;
/** A laptop sets no limit, and one service alone does not use most of the machine: so much of one core, on average. */
const BUSY_CORES = 0.2;
/** Of models, above what they cost within the hour before. */
export const DEAR_USD = 0.05;

type Thresholds = Partial<Record<AlertName, number>>;

const thresholds: Thresholds = {
  // the least time until these fire, in seconds
  ExecutionsStopped: 60,
  MarketDataStopped: 60,
  SignalGenerationStopped: 60,
  DispatchStopped: 60,
};

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}

/** Healed, every rule is what it was. */
export async function shortenRules(stack: StackUnderTest): Promise<Heal> {
  const chosen = await chooseThresholds(stack.at().prometheus);
  const restores = [
    await editSpec(stack, resources.tradingPipeline, platform, (spec) => ({
      ...spec,
      alerts: { rules: shortPlatformRules(chosen) },
      objectives: [],
    })),
    await editSpec(stack, resources.prometheusRule, { ...platform, name: CONTROLLER }, shortenOperatorRules),
    await restartWith(stack, CONTROLLER, resyncOften),
  ];
  return async () => {
    for (const restore of restores) await restore();
  };
}

/** As shares of this machine: memory between what the largest service uses now and what it will with the leak. */
async function chooseThresholds(prometheus: string): Promise<Thresholds> {
  const used = 'max(process_resident_memory_bytes{job!="controller"})';
  const [memory, cpu] = await Promise.all([
    queryNumber(prometheus, `(${used} + ${LEAK_BYTES / 2}) / max(process_memory_limit_bytes)`),
    queryNumber(prometheus, `${BUSY_CORES} / max(process_cpu_limit_cores)`),
  ]);
  if (memory === undefined || cpu === undefined)
    throw new Error('Prometheus has scraped no service yet: make status, then try again');
  return { HighMemoryUsage: Number(memory.toFixed(4)), HighCPUUsage: Number(cpu.toFixed(4)) };
}

function shortPlatformRules(chosen: Thresholds): Record<string, object> {
  const own: Thresholds = { ...thresholds, ...chosen };
  return Object.fromEntries(
    alertNames.map((name) => [
      name,
      { enabled: true, for: FOR, ...(own[name] !== undefined && { threshold: own[name] }) },
    ]),
  );
}

function shortenOperatorRules(spec: object): object {
  const { groups } = spec as { groups: readonly { rules: readonly Rule[] }[] };
  return {
    ...spec,
    groups: groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, for: FOR, expr: rule.expr.replaceAll(/\b\d+m\b/g, WINDOW) })),
    })),
  };
}

/** What differs from the catalogue, for the reader of the table. */
export function describeShortening(name: AnyAlertName): string {
  if ((alertNames as string[]).includes(name)) return describePlatformRule(name as AlertName);
  if ((operatorAlertNames as string[]).includes(name)) return describeOperatorRule(name as OperatorAlertName);
  return 'an objective of its own, from the fault on';
}

const byMachine: Partial<Record<AlertName, string>> = {
  HighMemoryUsage: `${LEAK_BYTES / 2e6} MB above what is used`,
  HighCPUUsage: `${BUSY_CORES} cores`,
  HighLLMCostRate: `${DEAR_USD} USD above the hour before`,
};

function describePlatformRule(name: AlertName): string {
  const { for: usual, threshold: usualThreshold, enabled } = alertDefinition(name);
  const threshold = byMachine[name] ?? thresholds[name];
  return [
    enabled === false && 'off → on',
    `for ${usual} → ${FOR}`,
    threshold !== undefined && `threshold ${usualThreshold} → ${threshold}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function describeOperatorRule(name: OperatorAlertName): string {
  const { for: usual, window } = operatorAlertDefinition(name);
  return `for ${usual} → ${FOR}${window ? `, window ${window} → ${WINDOW}` : ''}`;
}

/** Counts from now on, on the platform's resource; it stays until the rules are restored. */
export async function addObjectives(stack: StackUnderTest, added: readonly object[]): Promise<void> {
  if (added.length === 0) return;
  await editSpec(stack, resources.tradingPipeline, platform, (spec) => ({
    ...spec,
    objectives: [...((spec as { objectives?: readonly object[] }).objectives ?? []), ...added],
  }));
}

/** Of one of the platform's alerts, for as long as a drill lasts. */
export function setThreshold(stack: StackUnderTest, alert: AlertName, threshold: number): Promise<Heal> {
  return editSpec(stack, resources.tradingPipeline, platform, (spec) => {
    const { alerts } = spec as { alerts: { rules: Readonly<Record<string, object>> } };
    return { ...spec, alerts: { rules: { ...alerts.rules, [alert]: { ...alerts.rules[alert], threshold } } } };
  });
}
