import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface GrafanaOptions {
  readonly program: string;
  /** The folder with conf/ and public/. */
  readonly home: string;
  readonly folder: string;
  readonly port: number;
  readonly adminPassword: string;
  readonly prometheusUrl: string;
  /** The folder with the dashboards as JSON files. */
  readonly dashboards: string;
}

export function buildGrafana(options: GrafanaOptions): Server {
  const at = (name: string) => join(options.folder, name);
  return {
    name: 'grafana',
    command: options.program,
    args: ['server', '--homepath', options.home],
    environment: {
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      GF_SERVER_HTTP_PORT: String(options.port),
      GF_PATHS_DATA: at('data'),
      GF_PATHS_LOGS: at('log'),
      GF_PATHS_PLUGINS: at('plugins'),
      GF_PATHS_PROVISIONING: at('provisioning'),
      GF_SECURITY_ADMIN_PASSWORD: options.adminPassword,
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    },
    prepare: () => writeProvisioning(options, at('provisioning')),
    ready: () => httpAnswers(`http://127.0.0.1:${options.port}/api/health`),
  };
}

function writeProvisioning({ prometheusUrl, dashboards }: GrafanaOptions, folder: string): void {
  const datasource = { name: 'Prometheus', uid: 'prometheus', type: 'prometheus', access: 'proxy', isDefault: true };
  const files = {
    datasources: {
      apiVersion: 1,
      datasources: [{ ...datasource, url: prometheusUrl, jsonData: { httpMethod: 'POST' } }],
    },
    dashboards: {
      apiVersion: 1,
      providers: [{ name: 'platform', folder: 'Trading', type: 'file', options: { path: dashboards } }],
    },
  };
  for (const [kind, document] of Object.entries(files)) {
    mkdirSync(join(folder, kind), { recursive: true });
    writeFileSync(join(folder, kind, 'platform.yaml'), stringify(document));
  }
}
