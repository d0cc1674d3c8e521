import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

export const chartFolder = join(import.meta.dirname, '..', '..', 'charts', 'trading-platform');
export const STACK = 'kube-prometheus-stack';

interface ChartFile {
  dependencies?: { name: string }[];
}

/**
 * Copies the chart to a new folder, from where Helm can install it without downloading anything: with the
 * kube-prometheus-stack of a folder, or without any. A dependency of that chart which is not in its folder is left out.
 * @param source the chart, as another commit may have it
 */
export function stageChart(target: string, stackFolder?: string, source = chartFolder): void {
  if (existsSync(target)) throw new Error(`${target} is there already`);
  cpSync(source, target, { recursive: true });
  rmSync(join(target, 'charts'), { recursive: true, force: true });
  if (stackFolder) {
    const stack = join(target, 'charts', STACK);
    cpSync(stackFolder, stack, { recursive: true });
    dropMissingDependencies(stack);
  }
  dropMissingDependencies(target);
}

/** Helm refuses a chart whose Chart.yaml names a dependency that is not there, whether or not it is switched off. */
function dropMissingDependencies(chart: string): void {
  const file = join(chart, 'Chart.yaml');
  const { dependencies = [], ...rest } = parse(readFileSync(file, 'utf8')) as ChartFile;
  const there = dependencies.filter(({ name }) => existsSync(join(chart, 'charts', name)));
  writeFileSync(file, stringify({ ...rest, ...(there.length > 0 && { dependencies: there }) }));
  rmSync(join(chart, 'Chart.lock'), { force: true });
}
