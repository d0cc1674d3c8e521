import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

export const chartFolder = join(import.meta.dirname, '..', '..', 'charts', 'trading-platform');
export const STACK = 'kube-prometheus-stack';

interface ChartFile {
  dependencies?: { name: string }[];
}

/**
 * Copies the chart to a new folder, from which Helm can install it without a download. Leaves out dependencies that are
 * not on this machine.
 * @param target the new folder
 * @param stackFolder copy of kube-prometheus-stack; if absent, the chart is staged without kube-prometheus-stack
 * @param source the chart to copy, such as the chart of another commit
 * @throws Error if the folder `target` exists
 */
export function stageChart(target: string, stackFolder?: string, source = chartFolder): void {
  if (existsSync(target)) throw new Error(`${target} exists already: stage the chart into a new folder`);
  cpSync(source, target, { recursive: true });
  rmSync(join(target, 'charts'), { recursive: true, force: true });
  if (stackFolder) {
    const stack = join(target, 'charts', STACK);
    cpSync(stackFolder, stack, { recursive: true });
    dropMissingDependencies(stack);
  }
  dropMissingDependencies(target);
}

/** Removes missing dependencies from Chart.yaml, because Helm refuses a chart that lacks a dependency, even a disabled one. */
function dropMissingDependencies(chart: string): void {
  const file = join(chart, 'Chart.yaml');
  const { dependencies = [], ...rest } = parse(readFileSync(file, 'utf8')) as ChartFile;
  const there = dependencies.filter(({ name }) => existsSync(join(chart, 'charts', name)));
  writeFileSync(file, stringify({ ...rest, ...(there.length > 0 && { dependencies: there }) }));
  rmSync(join(chart, 'Chart.lock'), { force: true });
}
