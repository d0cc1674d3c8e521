/**
 * The caches of everything that the controller reads from the API server: TradingPipelines, Services and their
 * endpoints, generated objects, Prometheus objects and namespaces. The caches are the reconciler's view of the cluster,
 * and call `onChange` for each change. reconcile/route-changes.ts decides which TradingPipelines a change concerns.
 */
import type { Log } from '#base/log.ts';
import { generatedResources, type KubeObject, objectKey, type Resource, resources } from '../api/kube-object.ts';
import { annotations, FIELD_MANAGER, labels } from '../api/names.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { ObjectStoreOptions } from '../kube/object-store.ts';
import { type CacheTiming, ResourceCache } from '../kube/resource-cache.ts';
import { type Claimant, ClaimHolders, claimantOf } from '../reconcile/claims/claims.ts';
import {
  keepSelectors,
  keyOf,
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
import { type ClusterChange, isAskedAnew, type ResourceChange, resourceKeyOf } from '../reconcile/route-changes.ts';

interface ClusterCachesOptions {
  readonly client: KubeClient;
  /** Namespaces that the controller watches; all if absent. */
  readonly namespaces?: readonly string[] | undefined;
  readonly log: Log;
  readonly timing?: Partial<CacheTiming> | undefined;
  readonly onChange: (change: ClusterChange) => void;
}

export class ClusterCaches implements ClusterView {
  readonly #options: ClusterCachesOptions;
  readonly #resources: ResourceCache<TradingPipeline>;
  readonly #services: ResourceCache<ObservedService>;
  readonly #endpoints: ResourceCache<ObservedEndpoints>;
  readonly #objects: readonly ResourceCache<ObservedObject>[];
  readonly #prometheuses: ResourceCache<KubeObject>;
  readonly #namespaces: ResourceCache<ObservedNamespace>;
  /** Built when it is first used; undefined again after a change of a TradingPipeline that may have changed claims. */
  #claimHolders: ClaimHolders | undefined;

  constructor(options: ClusterCachesOptions) {
    this.#options = options;
    const { onChange } = options;
    this.#resources = this.#cache(resources.tradingPipeline, {
      keep: keepResource,
      onChange: (change) => this.#onResource({ of: 'resource', ...change }),
    });
    this.#services = this.#cache(resources.service, {
      keep: observeService,
      indexes: (service) => [service.namespace],
      onChange: (change) => onChange({ of: 'service', ...change }),
    });
    this.#endpoints = this.#cache(resources.endpointSlice, {
      keep: observeEndpoints,
      indexes: (slice) => [`${slice.namespace}/${slice.service}`],
      onChange: (change) => onChange({ of: 'endpoints', ...change }),
    });
    this.#objects = generatedResources.map((kind) =>
      this.#cache(kind, {
        keep: observeObject,
        indexes: (object) => [resourceKeyOf(object)],
        onChange: (change) => onChange({ of: 'object', ...change }),
      }),
    );
    this.#prometheuses = this.#clusterCache(resources.prometheus, {
      keep: keepSelectors,
      onChange: (change) => onChange({ of: 'prometheus', ...change }),
    });
    this.#namespaces = this.#clusterCache(resources.namespace, {
      keep: observeNamespace,
      onChange: (change) => onChange({ of: 'namespace', ...change }),
    });
  }

  start(): void {
    for (const cache of this.#all()) cache.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((cache) => cache.stop()));
  }

  /**
   * Returns the kinds that have not been listed yet. Prometheus objects and namespaces only explain conditions, so these two
   * are left out if the API server refuses to list them.
   */
  unsynced(): string[] {
    const optional: readonly string[] = [this.#prometheuses.name, this.#namespaces.name];
    const isMissing = (cache: AnyCache) => !cache.synced && !(cache.refused && optional.includes(cache.name));
    return this.#all().flatMap((cache) => (isMissing(cache) ? [cache.name] : []));
  }

  /** Returns, for each kind, the seconds since its watch last heard from the API server. */
  watchAges(): Record<string, number> {
    return Object.fromEntries(this.#all().map((cache) => [cache.name, cache.ageSeconds]));
  }

  resource(key: string): TradingPipeline | undefined {
    return this.#resources.store.get(key);
  }

  resources(): Iterable<TradingPipeline> {
    return this.#resources.store.values();
  }

  claimHolders(resource: TradingPipeline): Iterable<Claimant> {
    this.#claimHolders ??= new ClaimHolders([...this.resources()].map(claimantOf));
    return this.#claimHolders.of(claimantOf(resource));
  }

  /** Returns the keys of all TradingPipelines, and of deleted TradingPipelines that still have objects. */
  keys(): Set<string> {
    const keys = new Set<string>();
    for (const resource of this.resources()) keys.add(keyOf(resource));
    for (const cache of this.#objects) for (const object of cache.store.values()) keys.add(resourceKeyOf(object));
    return keys;
  }

  objects(key: string): readonly ObservedObject[] {
    return this.#objects.flatMap((cache) => cache.store.byIndex(key));
  }

  service(key: string): ObservedService | undefined {
    return this.#services.store.get(key);
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

  /** Stores a TradingPipeline or a generated object from a response of the API server. */
  put(object: KubeObject): void {
    this.#cacheOf(object.kind)?.store.put(object);
  }

  remove(object: ObservedObject): void {
    this.#cacheOf(object.kind)?.store.remove(objectKey(object), object.uid);
  }

  #onResource(change: ResourceChange): void {
    if (isAskedAnew(change.before, change.after)) this.#claimHolders = undefined;
    this.#options.onChange(change);
  }

  /**
   * Builds a cache for the watched namespaces. Of generated kinds it contains only objects with our label, because a cluster
   * has many ConfigMaps.
   */
  #cache<T>(kind: Resource, options: ObjectStoreOptions<T>): ResourceCache<T> {
    const { client, namespaces, log, timing } = this.#options;
    const isGenerated = generatedResources.some((one) => one.kind === kind.kind);
    const labelSelector = isGenerated ? `${labels.managedBy}=${FIELD_MANAGER}` : undefined;
    return new ResourceCache({ client, resource: kind, namespaces, labelSelector, log, timing, ...options });
  }

  /**
   * Builds a cache for all namespaces, even if the controller watches only some, because a Prometheus usually has its own
   * namespace.
   */
  #clusterCache<T>(kind: Resource, options: ObjectStoreOptions<T>): ResourceCache<T> {
    const { client, log, timing } = this.#options;
    return new ResourceCache({ client, resource: kind, log, timing, ...options });
  }

  #all(): readonly AnyCache[] {
    return [this.#resources, this.#services, this.#endpoints, ...this.#objects, this.#prometheuses, this.#namespaces];
  }

  #cacheOf(kind: string): ResourceCache<TradingPipeline> | ResourceCache<ObservedObject> | undefined {
    if (kind === resources.tradingPipeline.kind) return this.#resources;
    return this.#objects[generatedResources.findIndex((one) => one.kind === kind)];
  }
}

type AnyCache = Pick<ResourceCache<unknown>, 'name' | 'synced' | 'refused' | 'ageSeconds' | 'start' | 'stop'>;

/** Drops managedFields and foreign annotations, which can be larger than the rest of the resource. */
function keepResource({ metadata, ...rest }: KubeObject): TradingPipeline {
  const { managedFields: _managedFields, annotations: given, ...kept } = metadata;
  const paused = given?.[annotations.paused];
  const ours = paused === undefined ? {} : { annotations: { [annotations.paused]: paused } };
  return { ...(rest as TradingPipeline), metadata: { ...kept, ...ours } };
}
