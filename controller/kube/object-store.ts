/**
 * Stores the objects of one kind as last received from the API server, with indexes and a callback for each change. No
 * I/O.
 */
import { type KubeObject, objectKey } from '../api/kube-object.ts';

/** A change of one object. `before` is missing if the object is new, `after` if it was removed. */
export interface StoreChange<T> {
  readonly key: string;
  readonly before?: T;
  readonly after?: T;
}

export interface ObjectStoreOptions<T> {
  /** Reduces an object to the value that is stored. The size of this value decides how much memory the store takes. */
  readonly keep: (object: KubeObject) => T;
  /** Returns the index strings of a value. `byIndex` returns all values that have the given index string. */
  readonly indexes?: (value: T) => readonly string[];
  readonly onChange?: (change: StoreChange<T>) => void;
}

interface Entry<T> {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: T;
}

export class ObjectStore<T> {
  readonly #options: ObjectStoreOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #index = new Map<string, Set<string>>();

  constructor(options: ObjectStoreOptions<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) yield value;
  }

  byIndex(text: string): T[] {
    return [...(this.#index.get(text) ?? [])].flatMap((key) => this.get(key) ?? []);
  }

  /** Stores the object, unless the store already contains the same or a newer version of it. */
  put(object: KubeObject): void {
    const { uid = '', resourceVersion = '' } = object.metadata;
    const before = this.#entries.get(objectKey(object.metadata));
    if (before?.uid !== uid || compareVersions(resourceVersion, before.resourceVersion) > 0) this.#take(object, before);
  }

  #take(object: KubeObject, before: Entry<T> | undefined): void {
    const key = objectKey(object.metadata);
    const { uid = '', resourceVersion = '' } = object.metadata;
    const value = this.#options.keep(object);
    this.#unindex(key, before);
    this.#entries.set(key, { uid, resourceVersion, value });
    for (const text of this.#options.indexes?.(value) ?? []) this.#indexed(text).add(key);
    this.#options.onChange?.({ key, before: before?.value, after: value });
  }

  /** Removes the object with this key. If `uid` is given, an object that has the same key but another uid stays. */
  remove(key: string, uid: string | undefined): void {
    const before = this.#entries.get(key);
    if (!before || (uid !== undefined && before.uid !== uid)) return;
    this.#entries.delete(key);
    this.#unindex(key, before);
    this.#options.onChange?.({ key, before: before.value });
  }

  /**
   * Makes the store equal to a list of the objects in one namespace, or in all namespaces if `namespace` is undefined.
   * The list may contain older versions than the store: after etcd is restored from a backup, versions are smaller than
   * before.
   */
  replace(objects: readonly KubeObject[], namespace: string | undefined): void {
    const listed = new Set(objects.map((object) => objectKey(object.metadata)));
    for (const key of [...this.#entries.keys()]) {
      if (!listed.has(key) && (namespace === undefined || key.startsWith(`${namespace}/`))) this.remove(key, undefined);
    }
    for (const object of objects) {
      const before = this.#entries.get(objectKey(object.metadata));
      if (before?.resourceVersion !== object.metadata.resourceVersion) this.#take(object, before);
    }
  }

  #indexed(text: string): Set<string> {
    const keys = this.#index.get(text) ?? new Set();
    this.#index.set(text, keys);
    return keys;
  }

  #unindex(key: string, entry: Entry<T> | undefined): void {
    if (!entry) return;
    for (const text of this.#options.indexes?.(entry.value) ?? []) {
      const keys = this.#index.get(text);
      keys?.delete(key);
      if (keys?.size === 0) this.#index.delete(text);
    }
  }
}

/**
 * Compares two resourceVersions, which are growing decimal numbers too large for a double. The result is negative if the first
 * version is older.
 */
export function compareVersions(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one === other ? 0 : one < other ? -1 : 1;
}
