import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '#local/stack/state.ts';
import { listArchives, loadImages } from './load-images.ts';
import { needCluster, needPrograms } from './requirements.ts';
import { runStep } from './run-step.ts';

export const RELEASE = 'trading-platform';
export const chart = join(repository, 'charts', 'trading-platform');
const INSTALL_TIMEOUT = '10m';

export interface DeployOptions {
  /** Command that gives an image archive to the cluster; without one, it pulls the images from their registry. */
  readonly imageLoad?: string;
  readonly imageFolder: string;
  readonly namespace: string;
  /** Values files, in order. */
  readonly values: readonly string[];
}

/** Brings the images of this repository and its chart onto the cluster of KUBECONFIG, and waits until all of it is ready. */
export async function deploy(options: DeployOptions): Promise<void> {
  needPrograms(['helm', 'kubectl']);
  await needCluster();
  if (options.imageLoad) await loadImages(options.imageLoad, listArchives(options.imageFolder));
  else console.log('IMAGE_LOAD is not given: the cluster pulls the images from their registry');
  if (!existsSync(join(chart, 'charts'))) await runStep('helm', ['dependency', 'build', chart]);
  const values = options.values.flatMap((file) => ['--values', file]);
  const place = ['--namespace', options.namespace, '--create-namespace'];
  await runStep('helm', [
    'upgrade',
    '--install',
    RELEASE,
    chart,
    ...place,
    ...values,
    '--wait',
    '--timeout',
    INSTALL_TIMEOUT,
  ]);
  await runStep('kubectl', ['get', 'tradingpipelines,pods', '--namespace', options.namespace]);
}
