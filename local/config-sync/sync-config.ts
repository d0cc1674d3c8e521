import { resources } from '#controller/api/kube-object.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import type { Logger } from '#kit/log.ts';
import { buildConfigFiles, type ConfigSource, type Variables } from './build-config-files.ts';
import { writeConfigFolder } from './config-folder.ts';
import type { Discoverable, EndpointSlice } from './discover-targets.ts';

interface SyncOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Name of the Prometheus object. */
  readonly prometheus: string;
  readonly folder: string;
  readonly prometheusUrl: string;
  /** If true, this program looks up the scrape targets, for a Prometheus without Kubernetes discovery. */
  readonly discover: boolean;
  readonly log: Logger;
}

/** Copies the configuration from prometheus-operator to Prometheus, once per call of `sync`. */
interface ConfigSync {
  /**
   * Returns whether Prometheus has loaded the current configuration.
   * @throws Error if the API server does not respond or Prometheus refuses the configuration
   */
  sync(): Promise<boolean>;
}

export function createConfigSync(options: SyncOptions): ConfigSync {
  const variables: Variables = { SHARD: '0', POD_NAME: `prometheus-${options.prometheus}-0` };
  // After a start of this program it is unknown which configuration Prometheus has loaded
  let loaded = false;
  return {
    async sync() {
      const source = await readSource(options);
      if (!source) return false;
      const cluster = options.discover ? await readDiscoverable(options.client) : undefined;
      const files = buildConfigFiles(source, { folder: options.folder, variables, cluster });
      const changed = writeConfigFolder(options.folder, files);
      if (changed.length > 0) {
        loaded = false;
        options.log.info({ files: changed }, 'wrote the configuration of Prometheus');
      }
      if (!loaded) loaded = await reload(options);
      return loaded;
    },
  };
}

/** Returns undefined as long as prometheus-operator has not written the Secret. */
async function readSource({ client, namespace, prometheus }: SyncOptions): Promise<ConfigSource | undefined> {
  const name = `prometheus-${prometheus}`;
  const [secrets, ruleMaps] = await Promise.all([
    client.list(resources.secret, { namespace, fieldSelector: `metadata.name=${name}` }),
    client.list(resources.configMap, { namespace, labelSelector: `prometheus-name=${prometheus}` }),
  ]);
  const [secret] = secrets.items;
  return secret && { secret, ruleMaps: ruleMaps.items };
}

async function readDiscoverable(client: KubeClient): Promise<Discoverable> {
  const [services, slices] = await Promise.all([
    client.list(resources.service),
    client.list<EndpointSlice>(resources.endpointSlice),
  ]);
  return { services: services.items, endpointSlices: slices.items };
}

/** Returns whether Prometheus has loaded the files. False means that Prometheus does not respond, and the caller must try again. */
async function reload({ prometheusUrl, log }: SyncOptions): Promise<boolean> {
  const started = performance.now();
  const response = await fetch(`${prometheusUrl}/-/reload`, { method: 'POST' }).catch(() => undefined);
  if (!response) return false;
  const answer = await response.text();
  if (!response.ok) throw new Error(`Prometheus refused its configuration: ${answer.trim()}`);
  log.info({ seconds: (performance.now() - started) / 1000 }, 'Prometheus loaded its configuration');
  return true;
}
