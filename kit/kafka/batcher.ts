/**
 * Gathers items into batches: of at most `maxItems`, or what came within `maxWaitMs` of the first. Batches are handled
 * one after the other, in the order their items came. When one fails, everything gathered behind it fails with it:
 * a later batch that went through would let its caller believe that the earlier ones had.
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

  /** Resolves when the item's batch was handled, and rejects when that failed or the batcher has stopped. */
  add(item: Item): Promise<void> {
    if (this.#stopped) return Promise.reject(new Error('the batcher has stopped'));
    const { items, handled } = this.#gathered;
    items.push(item);
    if (items.length >= this.#maxItems) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#maxWaitMs);
    return handled.promise;
  }

  /** Handles what was gathered and waits for it; takes nothing more. */
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
  // Whoever added an item sees the rejection; without an item nobody need.
  handled.promise.catch(() => undefined);
  return { items: [], handled };
}
