/**
 * Decides when a controller works: while it leads, but not before its caches have been filled once. Pure state: no timers and
 * no I/O of its own.
 */
interface DutyOptions {
  readonly begin: () => void;
  /** Ends the work. Resolves when no work runs any more; `begin` is not called again before that. */
  readonly end: () => Promise<void>;
}

export class Duty {
  readonly #options: DutyOptions;
  #isSynced = false;
  #leading = false;
  #working = false;
  #ending = false;

  constructor(options: DutyOptions) {
    this.#options = options;
  }

  get working(): boolean {
    return this.#working;
  }

  /** Call this when the caches have been filled for the first time. */
  synced(): void {
    this.#isSynced = true;
    this.#update();
  }

  lead(leading: boolean): void {
    this.#leading = leading;
    this.#update();
  }

  #update(): void {
    const wanted = this.#isSynced && this.#leading;
    if (wanted === this.#working || this.#ending) return;
    this.#working = wanted;
    if (wanted) this.#options.begin();
    else void this.#end();
  }

  async #end(): Promise<void> {
    this.#ending = true;
    await this.#options.end();
    this.#ending = false;
    this.#update();
  }
}
