import type { RenderedPanel, RenderedTarget } from '#dashboards/rendered-dashboard.ts';
import { openVariables } from '#dashboards/variables.ts';
import { queryRange } from '../observe/monitoring.ts';

/** What is looked at: seconds since 1970, and seconds between two points. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** A series of one of a panel's queries. */
export interface Line {
  readonly refId: string;
  /** As the query's legend says. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** One for each step of the window; null where there is none. */
  readonly values: readonly (number | null)[];
}

/** Asks a live Prometheus what a panel shows. */
export async function readPanel(prometheus: string, { targets = [] }: RenderedPanel, window: Window): Promise<Line[]> {
  const answers = await Promise.all(targets.map((target) => readTarget(prometheus, target, window)));
  return answers.flat();
}

async function readTarget(prometheus: string, target: RenderedTarget, window: Window): Promise<Line[]> {
  const series = await queryRange(prometheus, openVariables(target.expr), window);
  return series.map(({ metric, values }) => {
    const at = new Map(values.map(([time, value]) => [Math.round((time - window.from) / window.step), Number(value)]));
    const points = Array.from({ length: countSteps(window) }, (_, index) => at.get(index) ?? Number.NaN);
    return {
      refId: target.refId,
      name: nameSeries(target, metric),
      labels: metric,
      values: points.map((value) => (Number.isNaN(value) ? null : value)),
    };
  });
}

export function countSteps({ from, to, step }: Window): number {
  return Math.floor((to - from) / step) + 1;
}

/** As Grafana's data source for Prometheus does it. */
function nameSeries({ legendFormat, expr }: RenderedTarget, labels: Readonly<Record<string, string>>): string {
  if (legendFormat && legendFormat !== '__auto')
    return legendFormat.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
  const listed = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return listed.length > 0 ? `{${listed.join(', ')}}` : expr;
}
