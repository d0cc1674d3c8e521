/**
 * prometheus-config-sync configures a Prometheus that runs outside the cluster. For one Prometheus object,
 * prometheus-operator writes the configuration to a Secret and to ConfigMaps. This program copies the configuration
 * from there to files, and makes Prometheus reload the files by POST /-/reload. It adds no configuration of its own,
 * except targets for a Prometheus that cannot discover them itself.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { readConfig } from '#kit/config.ts';
import { createLogger } from '#kit/log.ts';
import { createConfigSync } from './sync-config.ts';
import { createTrigger } from './trigger.ts';
import { watchSource } from './watch-source.ts';

const NAME = 'prometheus-config-sync';
/** Interval at which the files are compared with the cluster even without an event, in case a watch has missed a change. */
const RESYNC_MS = 30_000;
/** The wait before another attempt, after a failure or while Prometheus does not respond. */
const RETRY_MS = 500;
/** The wait after a change, because prometheus-operator writes several objects for one change. */
const SETTLE_MS = 400;

const config = readConfig(
  z.object({
    NAMESPACE: z.string().describe('namespace of the Prometheus object'),
    PROMETHEUS_NAME: z.string(),
    PROMETHEUS_URL: z.url(),
    CONFIG_FOLDER: z.string().describe('absolute path of the folder to write; other files in it are removed'),
    DISCOVER_TARGETS: z
      .stringbool()
      .default(false)
      .describe('look up targets, for a Prometheus without Kubernetes discovery'),
    LOG_LEVEL: z.string().default('info'),
  }),
  process.env,
);
const log = createLogger(NAME, config.LOG_LEVEL);
const client = new KubeClient({ connection: readKubeConnection(), fieldManager: NAME });
const shared = { client, namespace: config.NAMESPACE, prometheus: config.PROMETHEUS_NAME, log };
const discover = config.DISCOVER_TARGETS;
const configSync = createConfigSync({
  ...shared,
  discover,
  folder: config.CONFIG_FOLDER,
  prometheusUrl: config.PROMETHEUS_URL,
});
const trigger = createTrigger();
const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopping.abort());

const watching = watchSource({ ...shared, discover, stopping: stopping.signal, onChange: trigger.ring });
log.info({ folder: config.CONFIG_FOLDER, discover }, 'started');
let retry = false;
while (!stopping.signal.aborted) {
  await trigger.wait(retry ? RETRY_MS : RESYNC_MS, stopping.signal);
  await sleep(SETTLE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
  if (stopping.signal.aborted) break;
  try {
    retry = !(await configSync.sync());
  } catch (error) {
    retry = true;
    log.error({ error }, 'could not update the configuration of Prometheus');
  }
}
await watching;
client.close();
log.info('stopped');
