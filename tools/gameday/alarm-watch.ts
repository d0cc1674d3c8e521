/** Follows what Alertmanager would send: which alerts are active and silenced by nothing, from when to when. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Alert, readAlerts } from '../observe/monitoring.ts';

const EVERY_MS = 1_000;

/** One alert while it was active. Times are milliseconds of performance.now(). */
export interface Sighting {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly from: number;
  /** Absent while it lasts. */
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

  /** `onChange` is told of each alert that becomes active, and when it ends. */
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

  /** Names of the alerts that are active now. */
  firing(): ReadonlySet<string> {
    return new Set([...this.#current.values()].map(({ alert }) => alert));
  }

  /** When an alert first was active after a time; undefined when it was not. */
  firstSeen(alert: string, after: number): number | undefined {
    return this.#seen.find((sighting) => sighting.alert === alert && sighting.from >= after)?.from;
  }

  /** When the last of an alert's sightings ended; undefined while one lasts. */
  lastEnd(alert: string): number | undefined {
    const ends = this.#seen.filter((sighting) => sighting.alert === alert).map(({ until }) => until);
    return ends.includes(undefined) ? undefined : Math.max(...(ends as number[]));
  }

  /** Whether an alert has not been active for so long, or never. */
  isCalm(alert: string, ms: number): boolean {
    const end = this.lastEnd(alert);
    return end !== undefined && performance.now() - end >= ms;
  }

  /** Alerts that were there and silenced by another since the last call. */
  takeInhibited(): string[] {
    const names = [...this.#inhibited].sort();
    this.#inhibited.clear();
    return names;
  }

  /** Waits until something is so; false when it is not in time. @throws when the watch has ended */
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
      // What could not be read now is read in a second: the machine may be busy with a drill.
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
