/**
 * Shortens the alerts so that they fire within a game day: alerts about the platform by fields of the TradingPipeline,
 * alerts about the operator in their PrometheusRule. Apart from thresholds, the expressions of platform alerts do not
 * change, so their rates keep the five-minute window.
 */
import { type AlertName, alertDefinition, alertNames } from '#catalogue/alerts.ts';
import { type OperatorAlertName, operatorAlertDefinition, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { CONTROLLER } from '#catalogue/services.ts';
import { resources } from '#controller/api/kube-object.ts';
import { editSpec, platform } from '../faults/api-server.ts';
import type { Heal } from '../faults/heal.ts';
import { restartWith } from '../faults/processes.ts';
import { queryNumber } from '../observe/monitoring.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { AnyAlertName } from './drill.ts';

/** `for` of every alert: two evaluations of a rule. */
const FOR = '30s';
/** Window of the rates in the operator's alerts: eight scrapes. */
const WINDOW = '2m';
/**
 * Environment variables of the operator. With this resync interval, a healthy operator reconciles within the shortened window
 * even if no resource changes.
 */
export const resyncOften = { RESYNC_MS: '30000' };
/**
 * Bytes that the leaking service allocates. The alert's threshold is half of this above the use before the leak,
 * because under load a service grows by less than that half.
 */
export const LEAK_BYTES = 800e6;
/**
 * Number of cores from which a service counts as busy. A laptop sets no CPU limit, and one service alone cannot use most of the
 * machine.
 */
const BUSY_CORES = 0.2;
/** Threshold in USD of the alert about model costs, on top of the costs of the hour before. */
export const DEAR_USD = 0.05;

type Thresholds = Partial<Record<AlertName, number>>;

const thresholds: Thresholds = {
  // seconds without progress until these alerts fire
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

/** Shortens all alerts, and turns on those that are off by default. Healing restores every rule. */
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

/**
 * Chooses the thresholds that are shares of this machine's memory and CPU. The memory threshold lies between the use of
 * the largest service now and its use with the leak.
 */
async function chooseThresholds(prometheus: string): Promise<Thresholds> {
  const used = 'max(process_resident_memory_bytes{job!="controller"})';
  const [memory, cpu] = await Promise.all([
    queryNumber(prometheus, `(${used} + ${LEAK_BYTES / 2}) / max(process_memory_limit_bytes)`),
    queryNumber(prometheus, `${BUSY_CORES} / max(process_cpu_limit_cores)`),
  ]);
  if (memory === undefined || cpu === undefined)
    throw new Error(
      'Prometheus has no memory or CPU metrics of the services yet: run make status, wait until all are ready, and try again',
    );
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

/** Describes for the table how an alert differs from the catalogue. */
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

/** Adds objectives to the platform's TradingPipeline. They count from now on, until the rules are restored. */
export async function addObjectives(stack: StackUnderTest, added: readonly object[]): Promise<void> {
  if (added.length === 0) return;
  await editSpec(stack, resources.tradingPipeline, platform, (spec) => ({
    ...spec,
    objectives: [...((spec as { objectives?: readonly object[] }).objectives ?? []), ...added],
  }));
}

/** Changes the threshold of a platform alert for the time of a drill. */
export function setThreshold(stack: StackUnderTest, alert: AlertName, threshold: number): Promise<Heal> {
  return editSpec(stack, resources.tradingPipeline, platform, (spec) => {
    const { alerts } = spec as { alerts: { rules: Readonly<Record<string, object>> } };
    return { ...spec, alerts: { rules: { ...alerts.rules, [alert]: { ...alerts.rules[alert], threshold } } } };
  });
}
