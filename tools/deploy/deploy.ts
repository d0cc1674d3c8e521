import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '#local/stack/state.ts';
import { listArchives, loadImages } from './load-images.ts';
import { needCluster, needPrograms } from './requirements.ts';
import { runStep } from './run-step.ts';

const RELEASE = 'trading-platform';
export const chart = join(repository, 'charts', 'trading-platform');
const INSTALL_TIMEOUT = '10m';

export interface DeployOptions {
  /** Shell command that loads image archives into the cluster. Without it, the cluster pulls the images from their registry. */
  readonly imageLoad?: string;
  readonly imageFolder: string;
  readonly namespace: string;
  /** Values files of the chart; a later one overrides an earlier one. */
  readonly values: readonly string[];
}

/** Loads the images into the cluster of KUBECONFIG, installs or upgrades the chart there, and waits until everything is ready. */
export async function deploy(options: DeployOptions): Promise<void> {
  needPrograms(['helm', 'kubectl']);
  await needCluster();
  if (options.imageLoad) await loadImages(options.imageLoad, listArchives(options.imageFolder));
  else console.log('IMAGE_LOAD is not set: the cluster pulls the images from their registry');
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
