import { createBackoff } from '#base/keep-trying.ts';
import { type Resource, resources } from '#controller/api/kube-object.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import type { ListOptions } from '#controller/kube/kube-watch.ts';
import type { Logger } from '#kit/log.ts';

const WATCH_SECONDS = 300;

interface WatchSourceOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly prometheus: string;
  readonly discover: boolean;
  readonly log: Logger;
  readonly stopping: AbortSignal;
  readonly onChange: () => void;
}

/**
 * Watches the objects that contain the configuration and, with `discover`, the scrape targets. Calls `onChange` for
 * each event, and whenever a watch starts again. `onChange` gets no details, because the caller then reads all these
 * objects anyway. Returns once `stopping` is aborted.
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
  const { stopping } = options;
  const backoff = createBackoff(200, 10_000);
  while (!stopping.aborted) {
    try {
      await watchOnce(resource, selection, options);
      backoff.reset();
    } catch (error) {
      if (stopping.aborted) return;
      options.log.warn({ error, kind: resource.kind }, 'a watch broke and will be started again');
      await backoff.wait(stopping);
    }
  }
}

async function watchOnce(resource: Resource, selection: ListOptions, options: WatchSourceOptions): Promise<void> {
  const { client, stopping, onChange } = options;
  const { resourceVersion } = await client.list(resource, { ...selection, abort: stopping });
  onChange();
  const watch = { ...selection, resourceVersion, timeoutSeconds: WATCH_SECONDS, abort: stopping };
  for await (const event of client.watch(resource, watch)) {
    if (event.type !== 'BOOKMARK') onChange();
  }
}
