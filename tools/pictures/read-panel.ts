import type { RenderedPanel, RenderedTarget } from '#dashboards/rendered-dashboard.ts';
import { openVariables } from '#dashboards/variables.ts';
import { queryRange } from '../observe/monitoring.ts';

/** A time range: `from` and `to` in seconds since 1970, `step` in seconds between two points. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** One series of one query of a panel. */
export interface Line {
  readonly refId: string;
  /** Name of the series, as Grafana's legend shows it. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A value for each step of the window; null for a step without a value. */
  readonly values: readonly (number | null)[];
}

/** Runs the queries of a panel on a live Prometheus. */
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

/** Names a series as Grafana's Prometheus data source does. */
function nameSeries({ legendFormat, expr }: RenderedTarget, labels: Readonly<Record<string, string>>): string {
  if (legendFormat && legendFormat !== '__auto')
    return legendFormat.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
  const listed = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return listed.length > 0 ? `{${listed.join(', ')}}` : expr;
}
