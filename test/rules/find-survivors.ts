/** Mutants of the alerts, and which of them no case tells from their rule. */
import { alertNames } from '#catalogue/alerts.ts';
import { operatorAlertNames } from '#catalogue/operator-alerts.ts';
import type { AlertRule } from '#controller/compile/alert-rule.ts';
import { alertCases } from './alert-cases.ts';
import { equivalentMutants } from './equivalent-mutants.ts';
import { type Mutant, mutateRule } from './mutate-promql.ts';
import { operatorAlertCases } from './operator-alert-cases.ts';
import { buildOperatorTest, operatorRules } from './operator-rules.ts';
import { buildPlatformTest, rulesOfAlert } from './platform-rules.ts';
import type { Promtool } from './promtool.ts';

/** An alert: its rules, of which the first is mutated and stands for all (they come from one recipe), and what tests them. */
interface Subject {
  readonly rules: readonly AlertRule[];
  readonly tests: readonly object[];
}

const subjects: ReadonlyMap<string, Subject> = new Map([
  ...alertNames.map((name): [string, Subject] => {
    const cases = alertCases.filter(({ alert }) => alert === name);
    return [name, { rules: rulesOfAlert(name), tests: cases.map(buildPlatformTest) }];
  }),
  ...operatorAlertNames.map((name): [string, Subject] => {
    const cases = operatorAlertCases.filter(({ alert }) => alert === name);
    return [name, { rules: operatorRules.filter(({ alert }) => alert === name), tests: cases.map(buildOperatorTest) }];
  }),
]);

export const mutatedAlerts = [...subjects.keys()];

/** All but those that mean what their rule means. */
export function listMutants(
  alerts: readonly string[] = mutatedAlerts,
  equivalent: Readonly<Record<string, string>> = equivalentMutants,
): Mutant[] {
  const all = alerts.flatMap((alert) => subjects.get(alert)?.rules.slice(0, 1).flatMap(mutateRule) ?? []);
  return all.filter(({ name }) => !Object.hasOwn(equivalent, name));
}

/** In one run of promtool, so that its start does not count. */
export async function findSurvivors(mutants: readonly Mutant[], promtool: Promtool): Promise<Mutant[]> {
  const files = Object.fromEntries(mutants.flatMap(buildFiles));
  const { output } = await promtool.run(['test', 'rules', ...mutants.map((_, index) => `mutant-${index}.yaml`)], files);
  const verdicts = output.split('Unit Testing:').slice(1);
  if (verdicts.length !== mutants.length) throw new Error(`promtool gave no verdict:\n${output.slice(0, 2_000)}`);
  return mutants.filter((_, index) => verdicts[index]?.includes('SUCCESS'));
}

function buildFiles({ rule }: Mutant, index: number): [name: string, content: object][] {
  const { rules = [], tests = [] } = subjects.get(rule.alert) ?? {};
  const file = `rules-${index}.yaml`;
  return [
    [file, { groups: [{ name: 'mutant', rules: [rule, ...rules.slice(1)] }] }],
    [`mutant-${index}.yaml`, { rule_files: [file], evaluation_interval: '15s', tests }],
  ];
}
