import { join } from 'node:path';
import { runCommand } from '#local/provision/run-command.ts';
import { repository } from '#local/stack/state.ts';
import { type DeployOptions, deploy } from './deploy.ts';
import { needKind } from './requirements.ts';
import { runStep } from './run-step.ts';

/** The name of the cluster in kind-config.yaml. */
const CLUSTER = 'trading-platform';
const config = join(repository, 'kind-config.yaml');
/** Addresses of the servers behind the port mappings of kind-config.yaml. */
export const addresses = {
  Grafana: 'http://127.0.0.1:3000',
  Prometheus: 'http://127.0.0.1:9090',
  Alertmanager: 'http://127.0.0.1:9093',
  API: 'http://127.0.0.1:8000/docs',
};

/** Installs the platform on a kind cluster, which is created if it does not exist. */
export async function startKind(options: Omit<DeployOptions, 'imageLoad'>): Promise<void> {
  await needKind(['helm', 'kubectl']);
  await runStep('make', ['images']);
  const clusters = (await runCommand('kind', ['get', 'clusters'])).split('\n');
  if (!clusters.includes(CLUSTER)) await runStep('kind', ['create', 'cluster', '--config', config, '--wait', '2m']);
  // with a kubeconfig of its own, these steps reach no other cluster, and the user's current context stays
  process.env.KUBECONFIG = join(repository, '.local', 'kind.kubeconfig');
  await runStep('kind', ['export', 'kubeconfig', '--name', CLUSTER, '--kubeconfig', process.env.KUBECONFIG]);
  await deploy({ ...options, imageLoad: `kind load image-archive --name ${CLUSTER}` });
  console.log(`\nthe platform is up: export KUBECONFIG=${process.env.KUBECONFIG}`);
  for (const [name, address] of Object.entries(addresses)) console.log(`  ${name.padEnd(14)} ${address}`);
}

export async function stopKind(): Promise<void> {
  await needKind([]);
  await runStep('kind', ['delete', 'cluster', '--name', CLUSTER]);
}
