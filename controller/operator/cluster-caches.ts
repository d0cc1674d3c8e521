/** The caches of everything the controller reads, as the reconciler sees them, and which pipelines each change concerns. */
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '#base/log.ts';
import { type KubeObject, objectKey } from '../api/kube-object.ts';
import { annotations, FIELD_MANAGER, labels } from '../api/names.ts';
import { generatedResources, type Resource, resources } from '../api/resources.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import type { WriterCaches } from '../kube/cluster-writer.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { ObjectStoreOptions, StoreChange } from '../kube/object-store.ts';
import { type CacheTiming, ResourceCache } from '../kube/resource-cache.ts';
import { type Priority, priorities } from '../kube/work-queue.ts';
import { isAskedAnew, pipelinesOfService, rivalsOf } from '../reconcile/parsed-resource.ts';
import { ClaimHolders } from '../reconcile/claims/claim-holders.ts';
import type { Claimant } from '../reconcile/claims/claims.ts';
import {
  keepSelectors,
  type ObservedEndpoints,
  type ObservedNamespace,
  type ObservedObject,
  type ObservedService,
  observeEndpoints,
  observeNamespace,
  observeObject,
  observeService,
} from '../reconcile/observed.ts';
import type { ClusterView } from '../reconcile/ports.ts';
import { claimantOf } from '../reconcile/registration/pipeline-registry.ts';

export interface ClusterStateOptions {
  readonly client: KubeClient;
  /** All namespaces when absent. */
  readonly namespaces?: readonly string[];
  readonly log: Log;
  readonly timing?: Partial<CacheTiming>;
  /** Whether anybody wants to know what must be looked at again. */
  readonly isWorking: () => boolean;
  /** A pipeline must be looked at again. */
  readonly enqueue: (key: string, priority: Priority) => void;
  /** A pipeline asks for something else, is new, or is gone. */
  readonly onAskedAnew?: () => void;
}

export class ClusterState implements ClusterView, WriterCaches {
  readonly #options: ClusterStateOptions;
  readonly #pipelines: ResourceCache<TradingPipeline>;
  readonly #services: ResourceCache<ObservedService>;
  readonly #endpoints: ResourceCache<ObservedEndpoints>;
  readonly #generated: readonly ResourceCache<ObservedObject>[];
  readonly #prometheuses: ResourceCache<KubeObject>;
  readonly #namespaces: ResourceCache<ObservedNamespace>;

  /** What the watch has told of objects whose write has no answer yet. */
  readonly #untold = new Map<string, StoreChange<ObservedObject>[]>();

  #holders: ClaimHolders | undefined;
  #isOurs = false;

  constructor(options: ClusterStateOptions) {
    this.#options = options;
    this.#pipelines = this.#cache(resources.tradingPipeline, {
      keep: keepPipeline,
      onChange: (change) => this.#onPipeline(change),
    });
    this.#services = this.#cache(resources.service, {
      keep: observeService,
      indexes: (service) => [service.namespace],
      onChange: (change) => this.#onService(change),
    });
    this.#endpoints = this.#cache(resources.endpointSlice, {
      keep: observeEndpoints,
      indexes: (slice) => [`${slice.namespace}/${slice.service}`],
      onChange: (change) => this.#onEndpoints(change),
    });
    this.#generated = generatedResources.map((resource) =>
      this.#cache(resource, {
        keep: observeObject,
        indexes: (object) => [pipelineKeyOf(object)],
        onChange: (change) => this.#onGenerated(change),
      }),
    );
    this.#prometheuses = this.#clusterCache(resources.prometheus, {
      keep: keepSelectors,
      onChange: (change) => this.#onPrometheus(change),
    });
    this.#namespaces = this.#clusterCache(resources.namespace, {
      keep: observeNamespace,
      onChange: (change) => this.#onNamespace(change),
    });
  }

  start(): void {
    for (const cache of this.#caches()) cache.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#caches().map((cache) => cache.stop()));
  }

  /** Kinds that have not been listed once. Those that only explain are not waited for when they cannot be read. */
  unsynced(): string[] {
    const explaining: readonly string[] = [this.#prometheuses.name, this.#namespaces.name];
    const isMissed = (cache: CacheFace) => !cache.synced && !(cache.refused && explaining.includes(cache.name));
    return this.#caches().flatMap((cache) => (isMissed(cache) ? [cache.name] : []));
  }

  /** Seconds since the watch of each kind last heard from the API server. */
  watchAges(): Record<string, number> {
    return Object.fromEntries(this.#caches().map((cache) => [cache.name, cache.ageSeconds]));
  }

  pipeline(key: string): TradingPipeline | undefined {
    return this.#pipelines.store.get(key);
  }

  pipelines(): Iterable<TradingPipeline> {
    return this.#pipelines.store.values();
  }

  claimHolders(pipeline: TradingPipeline): Iterable<Claimant> {
    this.#holders ??= new ClaimHolders([...this.pipelines()].map(claimantOf));
    return this.#holders.of(claimantOf(pipeline));
  }

  /** Of every pipeline, and of every one that is gone and left something behind. */
  keys(): Set<string> {
    const keys = new Set<string>();
    for (const pipeline of this.pipelines()) keys.add(objectKey(pipeline.metadata));
    for (const cache of this.#generated) for (const object of cache.store.values()) keys.add(pipelineKeyOf(object));
    return keys;
  }

  generated(key: string): readonly ObservedObject[] {
    return this.#generated.flatMap((cache) => cache.store.byIndex(key));
  }

  services(namespace: string): Iterable<ObservedService> {
    return this.#services.store.byIndex(namespace);
  }

  endpoints(namespace: string, service: string): Iterable<ObservedEndpoints> {
    return this.#endpoints.store.byIndex(`${namespace}/${service}`);
  }

  prometheuses(): readonly KubeObject[] | undefined {
    return this.#prometheuses.synced ? [...this.#prometheuses.store.values()] : undefined;
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined {
    return this.#namespaces.store.get(namespace)?.labels;
  }

  put(object: KubeObject): void {
    this.#quietly(() => this.#cacheOf(object.kind)?.store.put(object));
  }

  beginWrite({ kind, metadata }: KubeObject): (answer?: KubeObject) => void {
    const id = `${kind} ${objectKey(metadata)}`;
    const heard: StoreChange<ObservedObject>[] = [];
    this.#untold.set(id, heard);
    return (answer) => {
      this.#untold.delete(id);
      const isEcho = ({ after }: StoreChange<ObservedObject>) =>
        after !== undefined && after.resourceVersion === answer?.metadata.resourceVersion;
      for (const change of heard) if (!isEcho(change)) this.#tellOwners(change);
    };
  }

  remove(object: ObservedObject): void {
    this.#quietly(() => this.#cacheOf(object.kind)?.store.remove(objectKey(object), object.uid));
  }

  /** Whoever writes knows what came of it: what we write ourselves is no reason to look again. */
  #quietly(change: () => void): void {
    this.#isOurs = true;
    change();
    this.#isOurs = false;
  }

  /** Of what we generate, only what carries our label is listed: a cluster has many ConfigMaps. */
  #cache<T>(resource: Resource, options: ObjectStoreOptions<T>): ResourceCache<T> {
    const { client, namespaces, log, timing } = this.#options;
    const isGenerated = generatedResources.some((one) => one.kind === resource.kind);
    const labelSelector = isGenerated ? `${labels.managedBy}=${FIELD_MANAGER}` : undefined;
    return new ResourceCache({ client, resource, namespaces, labelSelector, log, timing, ...options });
  }

  /** Whatever namespaces the pipelines are watched in: a Prometheus has one of its own. */
  #clusterCache<T>(resource: Resource, options: ObjectStoreOptions<T>): ResourceCache<T> {
    const { client, log, timing } = this.#options;
    return new ResourceCache({ client, resource, log, timing, ...options });
  }

  #caches(): readonly CacheFace[] {
    const explaining = [this.#prometheuses, this.#namespaces];
    return [this.#pipelines, this.#services, this.#endpoints, ...this.#generated, ...explaining];
  }

  #cacheOf(kind: string): ResourceCache<TradingPipeline> | ResourceCache<ObservedObject> | undefined {
    if (kind === resources.tradingPipeline.kind) return this.#pipelines;
    return this.#generated[generatedResources.findIndex((resource) => resource.kind === kind)];
  }

  #onPipeline({ key, before, after }: StoreChange<TradingPipeline>): void {
    if (!isAskedAnew(before, after)) return;
    this.#holders = undefined;
    if (!this.#options.isWorking()) return;
    this.#options.enqueue(key, priorities.user);
    this.#options.onAskedAnew?.();
    for (const pipeline of [before, after]) {
      if (pipeline)
        for (const rival of rivalsOf(pipeline, this.pipelines())) this.#options.enqueue(rival, priorities.change);
    }
  }

  #onService({ before, after }: StoreChange<ObservedService>): void {
    if (!this.#options.isWorking()) return;
    for (const service of [before, after]) {
      if (service)
        for (const key of pipelinesOfService(service, this.pipelines())) this.#options.enqueue(key, priorities.change);
    }
  }

  #onEndpoints({ before, after }: StoreChange<ObservedEndpoints>): void {
    if (before && after && isDeepStrictEqual(before, after)) return;
    for (const slice of [before, after]) {
      const service = slice && this.#services.store.get(objectKey({ namespace: slice.namespace, name: slice.service }));
      if (service) this.#onService({ key: '', after: service });
    }
  }

  /** It concerns all, and none in a hurry. */
  #onPrometheus({ before, after }: StoreChange<KubeObject>): void {
    if (isDeepStrictEqual(before?.spec, after?.spec) || !this.#options.isWorking()) return;
    for (const { metadata } of this.pipelines()) this.#options.enqueue(objectKey(metadata), priorities.resync);
  }

  #onNamespace({ before, after }: StoreChange<ObservedNamespace>): void {
    if (isDeepStrictEqual(before?.labels, after?.labels) || !this.#options.isWorking()) return;
    for (const { metadata } of this.pipelines()) {
      if (metadata.namespace === (after ?? before)?.name) this.#options.enqueue(objectKey(metadata), priorities.resync);
    }
  }

  #onGenerated(change: StoreChange<ObservedObject>): void {
    if (this.#isOurs) return;
    const { kind = '' } = change.after ?? change.before ?? {};
    const heard = this.#untold.get(`${kind} ${change.key}`);
    if (heard) heard.push(change);
    else this.#tellOwners(change);
  }

  #tellOwners({ before, after }: StoreChange<ObservedObject>): void {
    for (const object of [before, after]) if (object) this.#options.enqueue(pipelineKeyOf(object), priorities.change);
  }
}

type CacheFace = Pick<ResourceCache<unknown>, 'name' | 'synced' | 'refused' | 'ageSeconds' | 'start' | 'stop'>;

function pipelineKeyOf(object: ObservedObject): string {
  return objectKey({ namespace: object.namespace, name: object.labels[labels.pipeline] ?? '' });
}

/** Without what only the API server needs. */
function keepPipeline({ metadata, ...rest }: KubeObject): TradingPipeline {
  const { managedFields: _managedFields, annotations: given, ...kept } = metadata;
  const paused = given?.[annotations.paused];
  const meaning = paused === undefined ? {} : { annotations: { [annotations.paused]: paused } };
  return { ...(rest as TradingPipeline), metadata: { ...kept, ...meaning } };
}
