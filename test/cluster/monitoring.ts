import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parts } from '#local/parts/index.ts';
import { readManifests } from '#local/stack/apply-manifests.ts';
import { repository } from '#local/stack/state.ts';
import { STACK } from '#tools/chart/stage-chart.ts';
import { NAMESPACE } from '../charts/helm.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { applyObjects, kubectl } from './kubectl.ts';
import type { ClusterSettings } from './settings.ts';

/** How the test cluster gets its Prometheus and its Alertmanager. */
export interface Monitoring {
  readonly namespace: string;
  /** Names of the pods of Prometheus and of Alertmanager. */
  readonly pods: { readonly prometheus: string; readonly alertmanager: string };
  /** Values of our chart that install Prometheus and Alertmanager, or that use existing ones. */
  readonly values: object;
  /** Installs the objects that must exist before our chart is installed. */
  install(): Promise<void>;
  /** Objects that stay in the namespace of the release when the release is uninstalled, as `kind/name`. */
  readonly stays: readonly string[];
}

/**
 * Uses kube-prometheus-stack as part of our chart if the settings name a copy of it. Otherwise installs Prometheus and
 * Alertmanager separately.
 */
export function chooseMonitoring({ stackChart, stackValues }: ClusterSettings): Monitoring {
  return stackChart ? monitoringInChart(stackValues) : monitoringBesideChart;
}

const BESIDE = 'monitoring';
const monitoringBesideChart: Monitoring = {
  namespace: BESIDE,
  pods: { prometheus: 'prometheus-main-0', alertmanager: 'alertmanager-main-0' },
  values: {
    [STACK]: { enabled: false },
    controller: { prometheusUrl: `http://prometheus-operated.${BESIDE}.svc:9090` },
  },
  install: installServers,
  stays: [],
};

/** Installs prometheus-operator, a Prometheus and an Alertmanager, as kube-prometheus-stack does. */
async function installServers(): Promise<void> {
  const crds = await provisionForTests(parts.monitoringCrds);
  await applyObjects(readManifests(crds.files.crds));
  await kubectl('wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s');
  await applyObjects(readManifests(join(repository, 'local', 'manifests')));
  await applyObjects(readManifests(join(import.meta.dirname, 'manifests')));
  const ready = ['--for=condition=Available', '--timeout=300s', `--namespace=${BESIDE}`];
  await kubectl('wait', 'prometheus.monitoring.coreos.com/main', 'alertmanager.monitoring.coreos.com/main', ...ready);
}

/**
 * @param valuesFile file with values of kube-prometheus-stack that disable the parts of the stack that cannot run on
 * this cluster
 */
function monitoringInChart(valuesFile?: string): Monitoring {
  const own = valuesFile ? (parse(readFileSync(valuesFile, 'utf8')) as object) : {};
  return {
    namespace: NAMESPACE,
    pods: { prometheus: 'prometheus-monitoring-prometheus-0', alertmanager: 'alertmanager-monitoring-alertmanager-0' },
    // the node exporter needs the host's network, which the Pod Security Standard of the tests' namespace forbids
    values: { [STACK]: { ...own, nodeExporter: { enabled: false } } },
    install: async () => {},
    stays: [
      'persistentvolumeclaim/prometheus-monitoring-prometheus-db-prometheus-monitoring-prometheus-0',
      'secret/monitoring-admission',
    ],
  };
}
