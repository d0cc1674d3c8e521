import { type KubeObject, objectKey } from '../api/kube-object.ts';

/** A change of one object; `before` or `after` is missing when it came or went. */
export interface StoreChange<T> {
  readonly key: string;
  readonly before?: T;
  readonly after?: T;
}

export interface ObjectStoreOptions<T> {
  /** What is kept of an object: the less, the smaller the process. */
  readonly keep: (object: KubeObject) => T;
  /** Under which texts a value can be found by `byIndex`. */
  readonly indexes?: (value: T) => readonly string[];
  readonly onChange?: (change: StoreChange<T>) => void;
}

interface Entry<T> {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: T;
}

/** The objects of one kind, as last heard of. No I/O. */
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

  /** Takes the object in, unless a version at least as new is known. */
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

  /** Forgets the object, unless another one has taken its name since. */
  remove(key: string, uid: string | undefined): void {
    const before = this.#entries.get(key);
    if (!before || (uid !== undefined && before.uid !== uid)) return;
    this.#entries.delete(key);
    this.#unindex(key, before);
    this.#options.onChange?.({ key, before: before.value });
  }

  /**
   * Makes the store hold exactly a listing, of one namespace or of all. Versions do not count here: after a restore from a
   * backup they are smaller than what was known.
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

/** Versions of an API server are growing decimal numbers, too large for a double. */
export function compareVersions(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one === other ? 0 : one < other ? -1 : 1;
}
