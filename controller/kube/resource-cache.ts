/**
 * Keeps a store equal to the objects of one kind on the API server: the cache lists the objects, then watches them, and
 * never gives up. After a watch ends or breaks, the cache watches again from the last resourceVersion that it received.
 * It lists again if that version is too old (410), and from time to time in any case. It reports how long ago it last
 * heard from the API server, so that a dead watch is visible.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#base/log.ts';
import { backoffDelay } from '#base/retry-delay.ts';
import { type KubeObject, objectKey, type Resource } from '../api/kube-object.ts';
import type { KubeClient } from './kube-client.ts';
import { askedPauseMs, isExpired, KubeError } from './kube-error.ts';
import { ObjectStore, type ObjectStoreOptions } from './object-store.ts';

interface ResourceCacheOptions<T> extends ObjectStoreOptions<T> {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** Namespaces to list and watch; all if absent. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: string;
  readonly log: Log;
  readonly timing?: Partial<CacheTiming>;
  readonly random?: () => number;
}

export interface CacheTiming {
  /**
   * The server ends a watch after this time, plus up to half of it at random. A watch that has not ended by then has
   * lost its connection. With 20 s, the watches of nine kinds cost one request every three seconds.
   */
  readonly watchSeconds: number;
  /** How long after `watchSeconds` the client gives up a watch that the server has not ended. */
  readonly watchGraceMs: number;
  /** All objects are listed again after this time, in case a watch event was lost. */
  readonly relistMs: number;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  /**
   * Backoff if the API server does not know the kind, or does not let the controller read it. The backoff starts short,
   * because an API server that is starting returns these errors too.
   */
  readonly refusedBackoff: { readonly baseMs: number; readonly maxMs: number };
}

/**
 * Numbers of consecutive failed attempts: `refusals` counts attempts that the API server refused (401, 403, 404, 405),
 * `failures` counts all other failed attempts. A refusal resets `failures`, and any other failure resets `refusals`.
 */
interface Tries {
  failures: number;
  refusals: number;
}

const TIMING: CacheTiming = {
  watchSeconds: 20,
  watchGraceMs: 2_000,
  relistMs: 30 * 60_000,
  backoff: { baseMs: 100, maxMs: 1_500 },
  refusedBackoff: { baseMs: 100, maxMs: 10_000 },
};
/**
 * Shortest time between the starts of two watches, so that a server that ends every watch at once is not asked in a
 * tight loop.
 */
const SHORTEST_WATCH_MS = 500;

export class ResourceCache<T> {
  readonly store: ObjectStore<T>;
  readonly #options: ResourceCacheOptions<T>;
  readonly #timing: CacheTiming;
  readonly #stopping = new AbortController();
  readonly #heardAt = new Map<string | undefined, number>();
  readonly #synced = new Set<string | undefined>();
  #refused = false;
  #loops: Promise<void>[] = [];

  constructor(options: ResourceCacheOptions<T>) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.store = new ObjectStore(options);
  }

  get name(): string {
    return this.#options.resource.plural;
  }

  /** True once the objects of every watched namespace have been listed. */
  get synced(): boolean {
    return this.#scopes().every((scope) => this.#synced.has(scope));
  }

  /**
   * True if the last error means that the API server does not know the kind, or does not let the controller read it. A
   * successful list makes it false again.
   */
  get refused(): boolean {
    return this.#refused;
  }

  /**
   * Seconds since the last response or watch event from the API server. With several namespaces, the longest of these
   * times.
   */
  get ageSeconds(): number {
    const now = performance.now();
    return Math.max(...this.#scopes().map((scope) => (now - (this.#heardAt.get(scope) ?? 0)) / 1_000));
  }

  start(): void {
    this.#loops = this.#scopes().map((scope) => {
      this.#heardAt.set(scope, performance.now());
      return this.#follow(scope);
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  #scopes(): readonly (string | undefined)[] {
    return this.#options.namespaces ?? [undefined];
  }

  async #follow(namespace: string | undefined): Promise<void> {
    const stopping = this.#stopping.signal;
    let version: string | undefined;
    let relistAt = 0;
    const tries: Tries = { failures: 0, refusals: 0 };
    while (!stopping.aborted) {
      const { connected } = this.#options.client;
      try {
        if (version === undefined || performance.now() > relistAt) {
          version = await this.#list(namespace);
          relistAt = performance.now() + this.#timing.relistMs;
        }
        for await (const next of this.#watch(namespace, version)) {
          version = next;
          tries.failures = tries.refusals = 0;
        }
      } catch (error) {
        if (stopping.aborted) return;
        if (this.#mustList(error)) version = undefined;
        await this.#backOff(error, tries, connected);
      }
    }
  }

  async #list(namespace: string | undefined): Promise<string> {
    const { client, resource, labelSelector } = this.#options;
    const abort = this.#stopping.signal;
    const { items, resourceVersion } = await client.list<KubeObject>(resource, { namespace, labelSelector, abort });
    this.store.replace(items, namespace);
    this.#refused = false;
    this.#heardAt.set(namespace, performance.now());
    if (!this.#synced.has(namespace))
      this.#options.log.debug({ kind: this.name, namespace, objects: items.length }, 'cache is synced');
    this.#synced.add(namespace);
    return resourceVersion;
  }

  /** Follows one watch to its end. Yields each resourceVersion from which the next watch can continue. */
  async *#watch(namespace: string | undefined, resourceVersion: string): AsyncGenerator<string> {
    const { client, resource, labelSelector } = this.#options;
    const startedAt = performance.now();
    const timeoutSeconds = Math.ceil(this.#timing.watchSeconds * (1 + this.#random() / 2));
    for await (const { type, object } of client.watch(resource, {
      namespace,
      labelSelector,
      resourceVersion,
      timeoutSeconds,
      graceMs: this.#timing.watchGraceMs,
      abort: this.#stopping.signal,
    })) {
      this.#heardAt.set(namespace, performance.now());
      if (type === 'DELETED') this.store.remove(objectKey(object.metadata), object.metadata.uid);
      else if (type !== 'BOOKMARK') this.store.put(object);
      if (object.metadata.resourceVersion) yield object.metadata.resourceVersion;
    }
    this.#heardAt.set(namespace, performance.now());
    const lasted = performance.now() - startedAt;
    if (lasted < SHORTEST_WATCH_MS) await this.#sleep(SHORTEST_WATCH_MS - lasted);
  }

  /**
   * Returns whether to list the objects again: after a 4xx response (except 429) or an unexpected error, because the
   * resourceVersion may have caused the error. After a 5xx response or none, the resourceVersion is still valid.
   */
  #mustList(error: unknown): boolean {
    return (
      isExpired(error) || !(error instanceof KubeError) || (error.code >= 400 && error.code < 500 && error.code !== 429)
    );
  }

  /** Waits before the next attempt. The wait ends early if the client reconnects. */
  async #backOff(error: unknown, tries: Tries, connected: AbortSignal): Promise<void> {
    const code = error instanceof KubeError ? error.code : undefined;
    const delay = Math.max(this.#nextDelay(code, tries), askedPauseMs(error));
    const fields = {
      kind: this.name,
      code,
      error: (error as Error).message,
      failures: tries.failures + tries.refusals,
      retry_in_ms: Math.round(delay),
    };
    if (code === 404)
      this.#options.log.error(fields, 'kind is unknown to the API server; apply its CustomResourceDefinition');
    else if (code === 403) this.#options.log.error(fields, 'reading is forbidden; give the controller its ClusterRole');
    else if (isExpired(error)) this.#options.log.info(fields, 'watch is too far behind; listing again');
    else this.#options.log.warn(fields, 'watch failed');
    await this.#sleep(delay, connected);
  }

  #nextDelay(code: number | undefined, tries: Tries): number {
    const random = () => this.#random();
    this.#refused = code !== undefined && [401, 403, 404, 405].includes(code);
    if (this.#refused) {
      tries.failures = 0;
      return backoffDelay(tries.refusals++, this.#timing.refusedBackoff, random);
    }
    tries.refusals = 0;
    return backoffDelay(tries.failures++, this.#timing.backoff, random);
  }

  async #sleep(ms: number, connected = this.#options.client.connected): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, connected]);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  #random(): number {
    return (this.#options.random ?? Math.random)();
  }
}
