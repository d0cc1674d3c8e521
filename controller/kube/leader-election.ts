/**
 * Elects one leader among several controllers with a Lease. A leader that cannot renew the Lease stops leading at its
 * renew deadline. This deadline comes before any other process may take the Lease, even if this process was suspended
 * meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#base/log.ts';
import { type ObjectName, resources } from '../api/kube-object.ts';
import type { KubeClient } from './kube-client.ts';
import { isConflict, isNotFound } from './kube-error.ts';
import {
  buildHeldLease,
  buildReleasedLease,
  decideLease,
  type Lease,
  type LeaseDecision,
  type SeenLease,
  seeLease,
} from './lease.ts';

export interface LeaseTiming {
  /** Another process may take over once the Lease has not been renewed for this long. */
  readonly durationMs: number;
  /** A leader that has not renewed the Lease for this long stops leading. Must be shorter than `durationMs`. */
  readonly renewDeadlineMs: number;
  /** Pause between two attempts to take or renew the Lease. */
  readonly retryMs: number;
}

interface LeaderElectionOptions {
  /**
   * Must not be the client that writes other objects, because a renewal of the Lease must never wait for a free
   * connection.
   */
  readonly client: KubeClient;
  readonly lease: Required<ObjectName>;
  /** Name of this process in the Lease, unique among all processes that ever ran. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly log: Log;
  readonly now: () => Date;
  readonly random?: () => number;
}

/**
 * Each pause is extended at random by up to this share of its length. Without this, two processes whose attempts
 * collide once would collide every time.
 */
const JITTER = 0.2;

export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #stopping = new AbortController();
  #seen: SeenLease | undefined;
  #holdsUntil = 0;
  #leading = false;
  #expiry: NodeJS.Timeout | undefined;
  #onChange: (leading: boolean) => void = () => {};
  #loop: Promise<void> = Promise.resolve();

  constructor(options: LeaderElectionOptions) {
    const { renewDeadlineMs, durationMs, retryMs } = options.timing;
    if (renewDeadlineMs >= durationMs || retryMs >= renewDeadlineMs) {
      const asked = `retry ${retryMs} ms, renew deadline ${renewDeadlineMs} ms, duration ${durationMs} ms`;
      throw new Error(`lease times must grow: LEASE_RETRY_MS < LEASE_RENEW_DEADLINE_MS < LEASE_DURATION_MS; ${asked}`);
    }
    this.#options = options;
  }

  /** True while this process holds the Lease; false from the moment the renew deadline passes. */
  get leading(): boolean {
    return this.#leading && performance.now() < this.#holdsUntil;
  }

  start(onChange: (leading: boolean) => void): void {
    this.#onChange = onChange;
    this.#loop = this.#takePart();
  }

  /** Leaves the election and releases the Lease. Call this after the process has written its last object. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    clearTimeout(this.#expiry);
    const { client, now, log, lease } = this.#options;
    const held = this.leading ? this.#seen?.lease : undefined;
    this.#leading = false;
    if (!held) return;
    try {
      await client.replace(resources.lease, buildReleasedLease(held, now()));
      log.info({ lease: lease.name }, 'released the lease');
    } catch (error) {
      log.warn({ lease: lease.name, error: (error as Error).message }, 'could not release the lease; it will expire');
    }
  }

  async #takePart(): Promise<void> {
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      const { connected } = this.#options.client;
      try {
        await this.#attempt();
      } catch (error) {
        if (!stopping.aborted) await this.#onFailure(error);
      }
      const either = AbortSignal.any([stopping, connected]);
      await sleep(this.#pauseMs(), undefined, { signal: either }).catch(() => undefined);
    }
  }

  async #attempt(): Promise<void> {
    const startedAt = performance.now();
    // A leader knows the version of the Lease that it wrote, so it renews the Lease without reading it first.
    if (!this.leading) await this.#look();
    const decision = decideLease(this.#seen, this.#options.identity, performance.now());
    if (decision === 'wait') return this.#lose('another process holds the lease');
    const written = await this.#write(decision);
    this.#seen = seeLease(this.#seen, written, performance.now());
    this.#hold(startedAt);
  }

  async #look(): Promise<void> {
    const { client, lease } = this.#options;
    try {
      const found = await client.get<Lease>(resources.lease, lease, this.#stopping.signal);
      this.#seen = seeLease(this.#seen, found, performance.now());
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#seen = undefined;
    }
  }

  /**
   * Writes the Lease as held by this process. `stop` does not abort the request, because if the response were lost,
   * this process could hold the Lease without knowing it.
   */
  #write(decision: LeaseDecision): Promise<Lease> {
    const { client, lease: at, identity, timing, now } = this.#options;
    const held = buildHeldLease({ at, identity, durationMs: timing.durationMs, now: now() }, this.#seen?.lease);
    return decision === 'create' ? client.create(resources.lease, held) : client.replace(resources.lease, held);
  }

  /**
   * Leads until the renew deadline. The deadline counts from the start of the request, because the server renewed the
   * Lease at some time after that start.
   */
  #hold(sinceMs: number): void {
    const { timing, lease, identity, log } = this.#options;
    this.#holdsUntil = sinceMs + timing.renewDeadlineMs;
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(
      () => this.#lose('the lease was not renewed in time'),
      this.#holdsUntil - performance.now(),
    );
    if (this.#leading) return;
    this.#leading = true;
    log.info({ lease: lease.name, identity }, 'leading');
    this.#onChange(true);
  }

  #lose(why: string): void {
    if (!this.#leading) return;
    this.#leading = false;
    clearTimeout(this.#expiry);
    this.#options.log.warn({ lease: this.#options.lease.name, why }, 'no longer leading');
    this.#onChange(false);
  }

  async #onFailure(error: unknown): Promise<void> {
    const { log, lease } = this.#options;
    if (isConflict(error)) return this.#onConflict();
    const fields = { lease: lease.name, namespace: lease.namespace, error: (error as Error).message };
    if (isNotFound(error)) log.error(fields, 'the lease cannot be created: its namespace does not exist');
    else log.warn(fields, 'the lease could not be read or renewed');
  }

  /**
   * Called when the Lease in the cluster has another version than the one last seen: another process wrote the Lease
   * first, or this process wrote it in an attempt whose response was lost.
   */
  async #onConflict(): Promise<void> {
    await this.#look().catch(() => undefined);
    if (decideLease(this.#seen, this.#options.identity, performance.now()) !== 'renew')
      this.#lose('another process wrote the lease');
  }

  #pauseMs(): number {
    const random = this.#options.random ?? Math.random;
    return this.#options.timing.retryMs * (1 + JITTER * random());
  }
}
