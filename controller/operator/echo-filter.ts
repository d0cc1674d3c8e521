/**
 * Holds back the echoes of our own writes. Everything we write comes back as a watch event, which is no reason to reconcile
 * again. An event can arrive before the answer to its write, and only the answer tells whose event it was: events about an
 * object that is being written wait until then.
 */
import { type KubeObject, objectKey } from '../api/kube-object.ts';
import type { WriterCaches } from '../kube/cluster-writer.ts';
import type { ObservedObject } from '../reconcile/observed.ts';
import type { ObjectChange } from '../reconcile/route-changes.ts';

interface EchoFilterOptions {
  /** The caches that answers go into. Changes that they report must be given to `take`. */
  readonly caches: Pick<WriterCaches, 'put' | 'remove'>;
  /** Gets every change that somebody else made. */
  readonly onForeignChange: (change: ObjectChange) => void;
}

export class EchoFilter implements WriterCaches {
  readonly #options: EchoFilterOptions;
  /** By object that is being written: the changes seen meanwhile. */
  readonly #held = new Map<string, ObjectChange[]>();
  #isOwnChange = false;

  constructor(options: EchoFilterOptions) {
    this.#options = options;
  }

  /** A change of a generated object, as its cache reports it. */
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
