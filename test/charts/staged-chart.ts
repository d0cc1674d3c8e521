import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { stageChart } from '../../tools/chart/stage-chart.ts';
import { makeTestFolder } from '../support/test-folder.ts';

/** The chart without kube-prometheus-stack, in a folder that lives as long as the test file. Answers its path. */
export function useStagedChart(): () => string {
  let folder: string;
  beforeAll(() => {
    folder = makeTestFolder('chart');
    stageChart(join(folder, 'chart'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => join(folder, 'chart');
}
