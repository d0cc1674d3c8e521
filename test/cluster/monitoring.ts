import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parts } from '#local/parts/index.ts';
import { readManifests } from '#local/stack/apply-manifests.ts';
import { repository } from '#local/stack/state.ts';
import { STACK } from '../../tools/chart/stage-chart.ts';
import { NAMESPACE } from '../charts/helm.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { applyObjects, kubectl } from './kubectl.ts';
import type { ClusterSettings } from './settings.ts';

/** The Prometheus and the Alertmanager that the platform is tested with. */
export interface Monitoring {
  readonly namespace: string;
  /** The pods of both. */
  readonly pods: { readonly prometheus: string; readonly alertmanager: string };
  /** Values with which the chart brings them, or finds them. */
  readonly values: object;
  /** What comes before the chart. */
  install(): Promise<void>;
  /** What stays of it in the release's namespace when the release is uninstalled, as `kind/name`. */
  readonly stays: readonly string[];
}

/** kube-prometheus-stack within the chart where there is a copy of it, otherwise its servers beside the chart. */
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

/** prometheus-operator, a Prometheus and an Alertmanager, as kube-prometheus-stack installs them. */
async function installServers(): Promise<void> {
  const crds = await provisionForTests(parts.monitoringCrds);
  await applyObjects(readManifests(crds.files.crds));
  await kubectl('wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s');
  await applyObjects(readManifests(join(repository, 'local', 'manifests')));
  await applyObjects(readManifests(join(import.meta.dirname, 'manifests')));
  const ready = ['--for=condition=Available', '--timeout=300s', `--namespace=${BESIDE}`];
  await kubectl('wait', 'prometheus.monitoring.coreos.com/main', 'alertmanager.monitoring.coreos.com/main', ...ready);
}

/** @param valuesFile of kube-prometheus-stack itself: what this cluster cannot have */
function monitoringInChart(valuesFile?: string): Monitoring {
  const own = valuesFile ? (parse(readFileSync(valuesFile, 'utf8')) as object) : {};
  return {
    namespace: NAMESPACE,
    pods: { prometheus: 'prometheus-monitoring-prometheus-0', alertmanager: 'alertmanager-monitoring-alertmanager-0' },
    // it needs the host's network, which the Pod Security Standard of the tests' namespace forbids
    values: { [STACK]: { ...own, nodeExporter: { enabled: false } } },
    install: async () => {},
    stays: [
      'persistentvolumeclaim/prometheus-monitoring-prometheus-db-prometheus-monitoring-prometheus-0',
      'secret/monitoring-admission',
    ],
  };
}
