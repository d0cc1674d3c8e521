import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parts } from '../../parts/index.ts';
import { ProvisionError } from '../../provision/provision.ts';
import { buildAlertmanager } from '../../servers/alertmanager.ts';
import { buildGrafana } from '../../servers/grafana.ts';
import { buildNodeProcess } from '../../servers/node-process.ts';
import { buildPrometheusOperator, buildPrometheusServer } from '../../servers/prometheus.ts';
import { addresses, type StackContext } from '../stack-context.ts';
import { repository } from '../state.ts';
import { describePart } from './infrastructure-entries.ts';
import { MONITORING_NAMESPACE, PROMETHEUS_NAME } from './platform-objects.ts';
import { discoversKubernetes, readPrometheusFlags } from './prometheus-setup.ts';
import { NotAvailable, type ProcessEntry, READY_WITHIN_MS, type StackEntry } from './stack-entry.ts';

/** The monitoring of the platform: Prometheus, configured by prometheus-operator; Alertmanager; and Grafana, if it could be provided. */
export function listMonitoring(context: StackContext): StackEntry[] {
  return [
    { name: 'alertmanager', needs: [], process: alertmanagerEntry(context) },
    { name: 'prometheus-operator', needs: ['cluster-objects'], process: operatorEntry(context) },
    { name: 'prometheus-config-sync', needs: ['prometheus-operator'], process: configSyncEntry(context) },
    { name: 'prometheus', needs: ['prometheus-config-sync'], process: prometheusEntry(context) },
    { name: 'grafana', needs: [], process: grafanaEntry(context) },
  ];
}

function alertmanagerEntry({ paths, settings: { ports }, provision }: StackContext): ProcessEntry {
  return {
    ports: ['ALERTMANAGER'],
    health: '/-/ready',
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await provision(parts.alertmanager);
      const server = buildAlertmanager({
        program: part.files.alertmanager,
        workingFolder: part.workingFolder,
        configFile: resolve(repository, process.env.ALERTMANAGER_CONFIG || 'local/config/alertmanager.yaml'),
        folder: join(paths.data, 'alertmanager'),
        port: ports.ALERTMANAGER,
      });
      return { server, version: describePart(part) };
    },
  };
}

function operatorEntry({ paths, settings: { ports }, provision }: StackContext): ProcessEntry {
  return {
    ports: ['PROMETHEUS_OPERATOR'],
    health: '/healthz',
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await provision(parts.prometheusOperator);
      const server = buildPrometheusOperator({
        program: part.files['prometheus-operator'],
        kubeconfig: join(paths.root, 'kubeconfig-prometheus-operator'),
        port: ports.PROMETHEUS_OPERATOR,
      });
      return { server, version: describePart(part) };
    },
  };
}

function configFile({ paths }: StackContext): string {
  return join(paths.prometheusConfig, 'prometheus.yaml');
}

function configSyncEntry(context: StackContext): ProcessEntry {
  return {
    ports: [],
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const { files } = await context.provision(parts.prometheus);
      const discover = !(await discoversKubernetes(files.promtool));
      const server = buildNodeProcess({
        name: 'prometheus-config-sync',
        main: 'local/config-sync/main.ts',
        repository,
        environment: {
          KUBECONFIG: join(context.paths.root, 'kubeconfig-prometheus-config-sync'),
          NAMESPACE: MONITORING_NAMESPACE,
          PROMETHEUS_NAME,
          PROMETHEUS_URL: addresses(context.settings).prometheus,
          CONFIG_FOLDER: context.paths.prometheusConfig,
          DISCOVER_TARGETS: String(discover),
        },
        // The configuration file of an earlier run may contain the ports of that run
        prepare: () => rmSync(configFile(context), { force: true }),
        ready: async () => existsSync(configFile(context)),
      });
      return { server, version: discover ? 'looks up the targets, because this Prometheus cannot' : undefined };
    },
  };
}

function prometheusEntry(context: StackContext): ProcessEntry {
  return {
    ports: ['PROMETHEUS'],
    health: '/-/ready',
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await context.provision(parts.prometheus);
      const server = buildPrometheusServer({
        program: part.files.prometheus,
        workingFolder: part.workingFolder,
        configFile: configFile(context),
        folder: join(context.paths.data, 'prometheus'),
        port: context.settings.ports.PROMETHEUS,
        operatorFlags: await readPrometheusFlags(context.paths.kubeconfig),
      });
      return { server, version: describePart(part) };
    },
  };
}

function grafanaEntry({ paths, settings, provision }: StackContext): ProcessEntry {
  return {
    ports: ['GRAFANA'],
    health: '/api/health',
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await provision(parts.grafana).catch((error: unknown) => {
        if (!(error instanceof ProvisionError)) throw error;
        throw new NotAvailable(`not available: ${error.reason}; ${parts.grafana.optional}`);
      });
      const server = buildGrafana({
        program: part.files.grafana,
        home: part.files.home,
        folder: join(paths.data, 'grafana'),
        port: settings.ports.GRAFANA,
        adminPassword: settings.grafanaPassword,
        prometheusUrl: addresses(settings).prometheus,
        dashboards: join(repository, 'dashboards', 'rendered'),
      });
      return { server, version: describePart(part) };
    },
  };
}
