import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '#local/stack/state.ts';
import { stageChart } from '#tools/chart/stage-chart.ts';
import { runProgram } from './run-program.ts';

const CHART = 'charts/trading-platform';

/**
 * Stages the chart as it was before the newest commit that changed it. If only one commit has changed the chart, stages
 * the chart of that commit.
 * @param folder a folder that does not exist yet
 * @param stackChart folder of the kube-prometheus-stack to include
 * @returns the folder of the staged chart, and the commit that the chart is from
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
