import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '#local/stack/state.ts';
import { stageChart } from '#tools/chart/stage-chart.ts';
import { runProgram } from './run-program.ts';

const CHART = 'charts/trading-platform';

/**
 * Copies the chart as it was before the newest commit that changed it; as it is, while there is only one.
 * @param folder a new one, of its own
 * @param stackChart the kube-prometheus-stack that comes with it
 * @returns the chart's folder, and the commit
 */
export async function stagePreviousChart(
  folder: string,
  stackChart?: string,
): Promise<{ chart: string; commit: string }> {
  const git = (...args: string[]) => runProgram('git', ['-C', repository, ...args]);
  const log = (await git('log', '--format=%h', '--max-count=2', '--', CHART)).trim().split('\n');
  const commit = log.at(-1) ?? 'HEAD';
  const archive = join(folder, 'chart.tar');
  mkdirSync(folder);
  await git('archive', `--output=${archive}`, commit, CHART);
  await runProgram('tar', ['-xf', archive, '-C', folder]);
  const chart = join(folder, 'chart');
  stageChart(chart, stackChart, join(folder, CHART));
  return { chart, commit };
}
