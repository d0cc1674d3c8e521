/**
 * Collects items into batches. A batch is handled as soon as it has `maxItems` items, or `maxWaitMs` after its first
 * item. Batches are handled one after another, in the order of their items. If one batch fails, all batches waiting
 * behind it fail too. Otherwise a later batch could succeed and its caller could commit an offset beyond the failed
 * items.
 */
export class Batcher<Item> {
  readonly #maxItems: number;
  readonly #maxWaitMs: number;
  readonly #handle: (batch: Item[]) => Promise<void>;
  #gathered = newBatch<Item>();
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #failures = 0;
  #stopped = false;

  constructor(maxItems: number, maxWaitMs: number, handle: (batch: Item[]) => Promise<void>) {
    this.#maxItems = maxItems;
    this.#maxWaitMs = maxWaitMs;
    this.#handle = handle;
  }

  /**
   * Adds an item. Resolves once the batch of the item is handled. Rejects if that batch fails or the batcher has
   * stopped.
   */
  add(item: Item): Promise<void> {
    if (this.#stopped) return Promise.reject(new Error('the batcher has stopped'));
    const { items, handled } = this.#gathered;
    items.push(item);
    if (items.length >= this.#maxItems) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#maxWaitMs);
    return handled.promise;
  }

  /** Refuses new items, handles the items collected so far, and waits for all batches. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#flush();
    await this.#last;
  }

  #take(): Batch<Item> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const taken = this.#gathered;
    this.#gathered = newBatch();
    return taken;
  }

  #flush(): void {
    const { items, handled } = this.#take();
    if (items.length === 0) return;
    const failuresBefore = this.#failures;
    const turn = this.#last.then(async () => {
      if (this.#failures !== failuresBefore) throw new Error('a batch before this one failed');
      await this.#handle(items);
    });
    turn.then(handled.resolve, handled.reject);
    this.#last = turn.catch((error: unknown) => {
      if (this.#failures !== failuresBefore) return;
      this.#failures += 1;
      this.#take().handled.reject(error);
    });
  }
}

interface Batch<Item> {
  items: Item[];
  handled: PromiseWithResolvers<void>;
}

function newBatch<Item>(): Batch<Item> {
  const handled = Promise.withResolvers<void>();
  // Callers of add() see the rejection of their batch. An empty batch has no caller, so without this line its unhandled
  // rejection would end the process.
  handled.promise.catch(() => undefined);
  return { items: [], handled };
}
