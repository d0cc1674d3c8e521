/** Polls Alertmanager and records when each alert was active. Suppressed alerts (silenced or inhibited) do not count as active. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Alert, readAlerts } from '../observe/monitoring.ts';

const EVERY_MS = 1_000;

/** One period in which an alert was active. Times are milliseconds of performance.now(). */
export interface Sighting {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly from: number;
  /** End of the period; absent while the alert is active. */
  until?: number;
}

export class AlarmWatch {
  readonly #alertmanager: string;
  readonly #onChange: (sighting: Sighting) => void;
  readonly #current = new Map<string, Sighting>();
  readonly #seen: Sighting[] = [];
  readonly #ending = new AbortController();
  readonly #inhibited = new Set<string>();
  #loop: Promise<void> = Promise.resolve();

  /** @param onChange is called when an alert becomes active, and again when the alert ends */
  constructor(alertmanager: string, onChange: (sighting: Sighting) => void) {
    this.#alertmanager = alertmanager;
    this.#onChange = onChange;
  }

  start(): void {
    this.#loop = this.#follow();
    this.#loop.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
  }

  /** Returns the names of the alerts that are active now. */
  firing(): ReadonlySet<string> {
    return new Set([...this.#current.values()].map(({ alert }) => alert));
  }

  /**
   * Returns the time (performance.now()) at which an alert first became active at or after `after`; undefined if it did
   * not.
   */
  firstSeen(alert: string, after: number): number | undefined {
    return this.#seen.find((sighting) => sighting.alert === alert && sighting.from >= after)?.from;
  }

  /**
   * Returns the time (performance.now()) at which an alert last ended; undefined while it is active, -Infinity if it
   * never was active.
   */
  lastEnd(alert: string): number | undefined {
    const ends = this.#seen.filter((sighting) => sighting.alert === alert).map(({ until }) => until);
    return ends.includes(undefined) ? undefined : Math.max(...(ends as number[]));
  }

  /** Whether an alert has not been active for this many milliseconds, or never was active. */
  isCalm(alert: string, ms: number): boolean {
    const end = this.lastEnd(alert);
    return end !== undefined && performance.now() - end >= ms;
  }

  /** Returns the names of the alerts that were suppressed since the last call, sorted. */
  takeInhibited(): string[] {
    const names = [...this.#inhibited].sort();
    this.#inhibited.clear();
    return names;
  }

  /**
   * Waits until `isSo` returns true; returns false if `isSo` does not within `withinMs`. @throws AbortError if the
   * polling was stopped
   */
  async until(isSo: () => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!isSo()) {
      if (performance.now() > deadline) return false;
      await sleep(EVERY_MS / 4, undefined, { signal: this.#ending.signal });
    }
    return true;
  }

  async #follow(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      // a failed read is repeated a second later: a drill may keep the machine busy
      const alerts = await readAlerts(this.#alertmanager).catch(() => undefined);
      if (alerts) this.#take(alerts);
      await sleep(EVERY_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    }
  }

  #take(alerts: readonly Alert[]): void {
    const now = performance.now();
    const active = new Map(
      alerts.filter(({ status }) => status.state === 'active').map((alert) => [alert.fingerprint, alert]),
    );
    for (const { status, labels } of alerts)
      if (status.state === 'suppressed') this.#inhibited.add(labels.alertname ?? '');
    for (const [fingerprint, sighting] of this.#current) {
      if (active.has(fingerprint)) continue;
      sighting.until = now;
      this.#current.delete(fingerprint);
      this.#onChange(sighting);
    }
    for (const [fingerprint, { labels }] of active) {
      if (this.#current.has(fingerprint)) continue;
      const sighting: Sighting = { alert: labels.alertname ?? '', labels, from: now };
      this.#current.set(fingerprint, sighting);
      this.#seen.push(sighting);
      this.#onChange(sighting);
    }
  }
}
