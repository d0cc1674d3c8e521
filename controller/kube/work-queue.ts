/**
 * A queue of keys with a fixed number of workers. A key that is added several times waits only once, and only one worker at a
 * time handles it. A key that is added while a worker handles it is handled again afterwards. Lower priority numbers go first.
 * A failed key is requeued after its own backoff, which does not delay other keys.
 */
import { backoffDelay } from '#base/retry-delay.ts';
import { type Priority, priorities } from '../reconcile/route-changes.ts';
import { askedPauseMs } from './kube-error.ts';

type HandleResult = 'done' | 'retry' | { readonly againInMs: number };

export interface WorkQueueOptions {
  /**
   * Handles one key. After `retry` or an exception the key is requeued with backoff, and after `againInMs` it is handled again
   * after that time.
   */
  readonly handle: (key: string) => Promise<HandleResult>;
  readonly workers: number;
  readonly backoff?: { readonly baseMs: number; readonly maxMs: number };
  readonly random?: () => number;
  readonly observer?: WorkQueueObserver;
}

export interface WorkQueueObserver {
  waited(seconds: number): void;
  worked(result: 'success' | 'error', seconds: number): void;
  retried(): void;
  failed(key: string, error: unknown, retryInMs: number): void;
}

const BACKOFF = { baseMs: 200, maxMs: 120_000 };
const ORDER = Object.values(priorities).sort((a, b) => a - b);

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** Waiting keys by priority, in order of arrival, each with the time when it was added. */
  readonly #waiting: ReadonlyMap<Priority, Map<string, number>> = new Map(
    ORDER.map((priority): [Priority, Map<string, number>] => [priority, new Map<string, number>()]),
  );
  /**
   * Keys being handled. The value is the priority at which the key was added again meanwhile; undefined if it was not
   * added again.
   */
  readonly #running = new Map<string, Priority | undefined>();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  #idle: (() => void)[] = [];
  #open = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** The number of waiting keys, without keys that are being handled or wait for a retry. */
  get depth(): number {
    return ORDER.reduce<number>((sum, priority) => sum + this.#line(priority).size, 0);
  }

  add(key: string, priority: Priority): void {
    if (this.#running.has(key)) {
      const asked = this.#running.get(key);
      this.#running.set(key, asked === undefined ? priority : (Math.min(asked, priority) as Priority));
      return;
    }
    this.#enqueue(key, priority);
    this.#work();
  }

  /** Starts the workers. They also handle the keys that were added before the start. */
  start(): void {
    this.#open = true;
    this.#work();
  }

  /** Drops the waiting keys and the retries, and waits for the keys that are being handled. */
  async stop(): Promise<void> {
    this.#open = false;
    for (const line of this.#waiting.values()) line.clear();
    this.#failures.clear();
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #line(priority: Priority): Map<string, number> {
    return this.#waiting.get(priority) as Map<string, number>;
  }

  #enqueue(key: string, priority: Priority): void {
    clearTimeout(this.#retries.get(key));
    this.#retries.delete(key);
    const before = ORDER.find((line) => this.#line(line).has(key));
    if (before !== undefined && before <= priority) return;
    const addedAt = before === undefined ? performance.now() : (this.#line(before).get(key) ?? performance.now());
    if (before !== undefined) this.#line(before).delete(key);
    this.#line(priority).set(key, addedAt);
  }

  #work(): void {
    while (this.#open && this.#running.size < this.#options.workers) {
      const next = this.#take();
      if (!next) return;
      this.#options.observer?.waited((performance.now() - next.addedAt) / 1_000);
      this.#running.set(next.key, undefined);
      void this.#run(next.key);
    }
  }

  #take(): { key: string; addedAt: number } | undefined {
    for (const priority of ORDER) {
      const line = this.#line(priority);
      for (const [key, addedAt] of line) {
        line.delete(key);
        return { key, addedAt };
      }
    }
    return undefined;
  }

  async #run(key: string): Promise<void> {
    const startedAt = performance.now();
    let failure: { error: unknown } | undefined;
    let result: HandleResult = 'retry';
    try {
      result = await this.#options.handle(key);
    } catch (error) {
      failure = { error };
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    this.#options.observer?.worked(result === 'retry' ? 'error' : 'success', seconds);
    const askedAgain = this.#running.get(key);
    this.#running.delete(key);
    if (result === 'retry') this.#retryLater(key, failure);
    else this.#failures.delete(key);
    if (typeof result === 'object') this.#addLater(key, result.againInMs);
    if (askedAgain !== undefined && this.#open) this.#enqueue(key, askedAgain);
    this.#work();
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #retryLater(key: string, failure: { error: unknown } | undefined): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const backoff = backoffDelay(failures, this.#options.backoff ?? BACKOFF, this.#options.random ?? Math.random);
    const delay = Math.max(backoff, askedPauseMs(failure?.error));
    if (failure) this.#options.observer?.failed(key, failure.error, delay);
    if (this.#open) this.#options.observer?.retried();
    this.#addLater(key, delay);
  }

  #addLater(key: string, delayMs: number): void {
    if (!this.#open) return;
    this.#retries.set(
      key,
      setTimeout(() => {
        this.#retries.delete(key);
        this.add(key, priorities.change);
      }, delayMs),
    );
  }
}
