/** What the resources of a benchmark ask for. */
import { type Resource, resources } from '#controller/api/resources.ts';

interface CaseDefinition {
  readonly spec: (index: number) => object;
  /** Objects of each kind that one resource leads to. */
  readonly objects: readonly (readonly [resource: Resource, each: number])[];
}

const RULES = 6;

/** Rules as two objectives of Sloth have them: long expressions over several windows. */
function alerts(index: number): object {
  const custom = Array.from({ length: RULES }, (_, rule) => {
    const ratio = (window: string) =>
      `sum(rate(pipeline_executions_total{status="failed",pipeline_id="p-${index}"}[${window}])) / ` +
      `sum(rate(pipeline_executions_total{pipeline_id="p-${index}"}[${window}]))`;
    const expr = `(${ratio('5m')} > ${14.4 - rule} * 0.001) and (${ratio('1h')} > ${14.4 - rule} * 0.001)`;
    return { alert: `Burning${rule}`, expr, for: '2m', annotations: { summary: `Burns ${rule}: {{ $value }}` } };
  });
  return { custom };
}

export const benchCases = {
  /** Rules and status only, as Sloth makes them. */
  rules: {
    spec: (index) => ({ alerts: alerts(index) }),
    objects: [[resources.prometheusRule, 1]],
  },
  /** A service, its alerts, own rules and a dashboard. */
  full: {
    spec: (index) => ({
      services: [{ name: `service-${index}`, selector: { matchLabels: { app: `service-${index}` } } }],
      alerts: alerts(index),
      dashboards: { include: ['overview'] },
    }),
    objects: [
      [resources.serviceMonitor, 1],
      [resources.prometheusRule, 1],
      [resources.configMap, 1],
    ],
  },
} as const satisfies Record<string, CaseDefinition>;

export type BenchCase = keyof typeof benchCases;

export function isBenchCase(name: string): name is BenchCase {
  return name in benchCases;
}
