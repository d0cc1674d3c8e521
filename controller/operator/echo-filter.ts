/**
 * Drops the echoes of our own writes. Every object that we write comes back as a watch event, which is no reason to
 * reconcile again. The event can arrive before the response to the write, and only the response tells whether the event
 * is an echo of the write. So events about an object that is being written are held back until the response arrives.
 */
import { type KubeObject, objectKey } from '../api/kube-object.ts';
import type { WriterCaches } from '../kube/cluster-writer.ts';
import type { ObservedObject } from '../reconcile/observed.ts';
import type { ObjectChange } from '../reconcile/route-changes.ts';

interface EchoFilterOptions {
  /** The caches that responses are put into. Changes that the caches report must be passed to `take`. */
  readonly caches: Pick<WriterCaches, 'put' | 'remove'>;
  /** Called with every change that somebody else made. */
  readonly onForeignChange: (change: ObjectChange) => void;
}

export class EchoFilter implements WriterCaches {
  readonly #options: EchoFilterOptions;
  /** Changes that are held back, keyed by kind and key of the object that is being written. */
  readonly #held = new Map<string, ObjectChange[]>();
  #isOwnChange = false;

  constructor(options: EchoFilterOptions) {
    this.#options = options;
  }

  /**
   * Takes a change of a generated object that the cache reports, and holds the change back, drops it or passes it on.
   */
  take(change: ObjectChange): void {
    if (this.#isOwnChange) return;
    const { kind = '' } = change.after ?? change.before ?? {};
    const held = this.#held.get(`${kind} ${change.key}`);
    if (held) held.push(change);
    else this.#options.onForeignChange(change);
  }

  beginWrite({ kind, metadata }: KubeObject): (answer?: KubeObject) => void {
    const id = `${kind} ${objectKey(metadata)}`;
    const held: ObjectChange[] = [];
    this.#held.set(id, held);
    return (answer) => {
      this.#held.delete(id);
      const version = answer?.metadata.resourceVersion;
      for (const change of held) {
        const isEcho = change.after !== undefined && change.after.resourceVersion === version;
        if (!isEcho) this.#options.onForeignChange(change);
      }
    };
  }

  put(object: KubeObject): void {
    this.#silently(() => this.#options.caches.put(object));
  }

  remove(object: ObservedObject): void {
    this.#silently(() => this.#options.caches.remove(object));
  }

  /** The caches report changes synchronously, so every change during `update` is our own. */
  #silently(update: () => void): void {
    this.#isOwnChange = true;
    update();
    this.#isOwnChange = false;
  }
}
