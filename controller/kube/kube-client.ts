/**
 * A client for the verbs of the Kubernetes API: get, list, watch, apply, create, replace, patch, delete. Its methods take
 * names and a kind, which is an entry of `resources` in api/kube-object.ts. They return parsed objects or throw a
 * KubeError. No other file builds requests to an API server.
 */
import { type KubeObject, type ObjectName, type Resource, resourcePath } from '../api/kube-object.ts';
import { type Call, JSON_BODY, KubeTransport, type KubeTransportOptions, type Verb } from './kube-transport.ts';
import { type ListOptions, type WatchEvent, type WatchOptions, watch } from './kube-watch.ts';

interface KubeClientOptions extends Omit<KubeTransportOptions, 'userAgent'> {
  /** The field manager of all fields that this client writes; also the value of the header User-Agent. */
  readonly fieldManager: string;
}

interface ObjectList<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export interface ApplyOptions {
  /** If true, the apply takes fields over from other field managers. Default true. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
  /** If true, the apply fails with 409 if an object with the same name exists. */
  readonly mustBeNew?: boolean;
  readonly abort?: AbortSignal;
}

/**
 * A deletion with these preconditions fails with 409 if the object has another uid or resourceVersion. An absent field
 * is not compared.
 */
interface DeletePreconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** An operation of a JSON patch (RFC 6902). `path` is a JSON pointer. */
export type PatchOperation =
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

const PAGE_SIZE = 500;
/**
 * A resourceVersion that no object ever has. An apply with this version creates the object, or fails with 409 if the
 * name is taken (decision 0016).
 */
const NO_VERSION = '1';
/**
 * Turns off warnings about unknown fields. Nobody reads these warnings, and to find unknown fields the API server would
 * parse the body of the request a second time.
 */
const NO_WARNINGS = 'Ignore';
const APPLY = 'application/apply-patch+yaml';
const JSON_PATCH = 'application/json-patch+json';

export class KubeClient {
  readonly #transport: KubeTransport;
  readonly #fieldManager: string;

  constructor({ fieldManager, ...options }: KubeClientOptions) {
    this.#transport = new KubeTransport({ ...options, userAgent: fieldManager });
    this.#fieldManager = fieldManager;
  }

  get server(): URL {
    return this.#transport.server;
  }

  /** See KubeTransport.connected. */
  get connected(): AbortSignal {
    return this.#transport.connected;
  }

  /** See KubeTransport.reconnect. */
  reconnect(): void {
    this.#transport.reconnect();
  }

  /** See KubeTransport.abortWrites. */
  abortWrites(): void {
    this.#transport.abortWrites();
  }

  /** Closes the keep-alive connections; requests in flight fail. */
  close(): void {
    this.#transport.close();
  }

  async get<T extends KubeObject>(resource: Resource, at: ObjectName, abort?: AbortSignal): Promise<T> {
    return this.#call({ verb: 'get', method: 'GET', path: resourcePath(resource, at), abort });
  }

  /** Returns the response body of a URL path that does not address Kubernetes objects, such as /readyz or /version. */
  async getText(path: string, abort?: AbortSignal): Promise<string> {
    return this.#transport.request({ verb: 'get', method: 'GET', path, abort });
  }

  /**
   * Returns all selected objects of a kind, requested page by page. Adds apiVersion and kind to each object, because
   * the API server omits these two fields in lists.
   */
  async list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<ObjectList<T>> {
    const items: T[] = [];
    let continueToken: string | undefined;
    for (;;) {
      const page = await this.#listPage<T>(resource, options, continueToken);
      for (const item of page.items ?? [])
        items.push({ ...item, apiVersion: resource.apiVersion, kind: resource.kind });
      continueToken = page.metadata.continue;
      if (!continueToken) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /** See the function watch in kube-watch.ts. */
  watch<T extends KubeObject>(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent<T>, void> {
    return watch<T>(this.#transport, resource, options);
  }

  /** Server-side apply: creates the object, or sets the given fields of the existing object. Returns the resulting object. */
  async apply<T extends KubeObject>(resource: Resource, object: T, options: ApplyOptions = {}): Promise<T> {
    return this.#apply(resource, resourcePath(resource, object.metadata), object, options);
  }

  /** Applies only the status, with server-side apply; the object must exist. */
  async applyStatus<T extends KubeObject>(resource: Resource, object: T, options: ApplyOptions = {}): Promise<T> {
    return this.#apply(resource, `${resourcePath(resource, object.metadata)}/status`, object, options);
  }

  /** Creates the object. @throws KubeError 409 if the name is taken */
  async create<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const path = resourcePath(resource, { namespace: object.metadata.namespace });
    return this.#write('create', 'POST', path, object);
  }

  /**
   * Replaces the whole object in the cluster. @throws KubeError 409 if that object has another resourceVersion than
   * `object`
   */
  async replace<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    return this.#write('update', 'PUT', resourcePath(resource, object.metadata), object);
  }

  /**
   * Changes single fields of the object by JSON patch. @throws KubeError 409 if the object has another resourceVersion than
   * `resourceVersion`
   */
  async patch<T extends KubeObject>(
    resource: Resource,
    { resourceVersion, ...at }: ObjectName & { readonly resourceVersion: string },
    operations: readonly PatchOperation[],
  ): Promise<T> {
    const query = { fieldManager: this.#fieldManager };
    const body = [{ op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }, ...operations];
    const path = resourcePath(resource, at);
    return this.#call({ verb: 'patch', method: 'PATCH', path, query, contentType: JSON_PATCH, body });
  }

  async delete(resource: Resource, at: ObjectName, preconditions?: DeletePreconditions): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions };
    const path = resourcePath(resource, at);
    await this.#transport.request({ verb: 'delete', method: 'DELETE', path, contentType: JSON_BODY, body });
  }

  async #apply<T extends KubeObject>(resource: Resource, path: string, object: T, options: ApplyOptions): Promise<T> {
    const query = {
      fieldManager: this.#fieldManager,
      fieldValidation: NO_WARNINGS,
      force: String(options.force ?? true),
      dryRun: options.dryRun ? 'All' : undefined,
    };
    const metadata = options.mustBeNew ? { ...object.metadata, resourceVersion: NO_VERSION } : object.metadata;
    const body = { ...object, apiVersion: resource.apiVersion, kind: resource.kind, metadata };
    const { mustBeNew, abort } = options;
    return this.#call({ verb: 'apply', mustBeNew, method: 'PATCH', path, query, contentType: APPLY, body, abort });
  }

  async #write<T>(verb: Verb, method: 'POST' | 'PUT', path: string, body: object): Promise<T> {
    const query = { fieldManager: this.#fieldManager };
    return this.#call({ verb, method, path, query, contentType: JSON_BODY, body });
  }

  #listPage<T>(resource: Resource, options: ListOptions, continueToken?: string): Promise<RawList<T>> {
    const { namespace, labelSelector, fieldSelector, abort } = options;
    const query = { labelSelector, fieldSelector, limit: String(PAGE_SIZE), continue: continueToken };
    return this.#call({ verb: 'list', method: 'GET', path: resourcePath(resource, { namespace }), query, abort });
  }

  async #call<T>(call: Omit<Call, 'timeoutMs'>): Promise<T> {
    return JSON.parse(await this.#transport.request(call)) as T;
  }
}

interface RawList<T> {
  readonly items?: T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}
