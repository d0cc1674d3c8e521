import { createBackoff } from '#base/keep-trying.ts';
import type { Resource } from '#controller/api/resources.ts';
import { resources } from '#controller/api/resources.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import type { ListOptions } from '#controller/kube/kube-watch.ts';
import type { Logger } from '#kit/log.ts';

const WATCH_SECONDS = 300;

export interface WatchSourceOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly prometheus: string;
  readonly discover: boolean;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onChange: () => void;
}

/**
 * Says when something of the configuration may have changed: at each event, and whenever a watch had to begin anew.
 * What changed is not told: the listener reads all of it.
 */
export async function watchSource(options: WatchSourceOptions): Promise<void> {
  const { namespace, prometheus, discover } = options;
  const found: [Resource, ListOptions][] = discover
    ? [
        [resources.service, {}],
        [resources.endpointSlice, {}],
      ]
    : [];
  const sources: [Resource, ListOptions][] = [
    [resources.secret, { namespace, fieldSelector: `metadata.name=prometheus-${prometheus}` }],
    [resources.configMap, { namespace, labelSelector: `prometheus-name=${prometheus}` }],
    ...found,
  ];
  await Promise.all(sources.map(([resource, selection]) => watchForever(resource, selection, options)));
}

async function watchForever(resource: Resource, selection: ListOptions, options: WatchSourceOptions): Promise<void> {
  const { signal } = options;
  const backoff = createBackoff(200, 10_000);
  while (!signal.aborted) {
    try {
      await watchOnce(resource, selection, options);
      backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      options.log.warn({ error, kind: resource.kind }, 'the watch broke and begins anew');
      await backoff.wait(signal);
    }
  }
}

async function watchOnce(resource: Resource, selection: ListOptions, options: WatchSourceOptions): Promise<void> {
  const { client, signal, onChange } = options;
  const { resourceVersion } = await client.list(resource, { ...selection, abort: signal });
  onChange();
  const watch = { ...selection, resourceVersion, timeoutSeconds: WATCH_SECONDS, abort: signal };
  for await (const event of client.watch(resource, watch)) {
    if (event.type !== 'BOOKMARK') onChange();
  }
}
