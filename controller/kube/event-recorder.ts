/**
 * Kubernetes Events about TradingPipelines: what `kubectl describe` and `kubectl get events` show. The same reason for the same
 * resource within ten minutes is counted on the first Event, so that what flaps does not flood. Events are a courtesy: one
 * that cannot be written is logged, and nothing waits for it.
 */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../api/kube-object.ts';
import { EVENT_ACTION, REPORTING_CONTROLLER } from '../api/names.ts';
import { resources } from '../api/resources.ts';
import type { ConditionEvent } from '../reconcile/condition-events.ts';
import type { KubeClient } from './kube-client.ts';
import type { Log } from './log.ts';

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'apply'>;
  /** Which of several controllers this is: the name of its pod. */
  readonly instance: string;
  readonly now: () => Date;
  readonly log: Log;
}

/** An Event that was written, with how often it has happened. */
interface Series {
  readonly event: KubeObject;
  readonly startedAtMs: number;
  count: number;
}

const SERIES_MS = 10 * 60_000;
/** Of each, so that a storm of changes cannot fill the memory. */
const MAX_SERIES = 2_000;
const MAX_WAITING = 1_000;
/** events.k8s.io takes no more. */
const MAX_NOTE_LENGTH = 1_024;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  #waiting = 0;
  #stopped = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(about: KubeObject, events: readonly ConditionEvent[]): void {
    for (const event of events) {
      if (this.#waiting >= MAX_WAITING) {
        this.#options.log.warn(
          { name: about.metadata.name, reason: event.reason },
          'too many events wait; one is left out',
        );
        continue;
      }
      const object = this.#count(about, event);
      this.#waiting += 1;
      this.#tail = this.#tail.then(() => this.#write(object));
    }
  }

  /** Waits for the one that is being written; those behind it are left out. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#tail;
  }

  #count(about: KubeObject, event: ConditionEvent): KubeObject {
    const now = this.#options.now();
    const key = `${about.metadata.uid}/${event.type}/${event.reason}`;
    const known = this.#series.get(key);
    if (known && now.getTime() - known.startedAtMs < SERIES_MS) {
      known.count += 1;
      return { ...known.event, series: { count: known.count, lastObservedTime: microTime(now) } } as KubeObject;
    }
    const object = buildEvent(about, event, now, this.#options.instance);
    this.#series.delete(key);
    this.#series.set(key, { event: object, startedAtMs: now.getTime(), count: 1 });
    const [oldest] = this.#series.keys();
    if (this.#series.size > MAX_SERIES && oldest !== undefined) this.#series.delete(oldest);
    return object;
  }

  async #write(object: KubeObject): Promise<void> {
    this.#waiting -= 1;
    if (this.#stopped) return;
    try {
      await this.#options.client.apply(resources.event, object);
    } catch (error) {
      this.#options.log.warn({ event: object.metadata.name, error: (error as Error).message }, 'event was not written');
    }
  }
}

function buildEvent(
  about: KubeObject,
  { type, reason, note }: ConditionEvent,
  now: Date,
  instance: string,
): KubeObject {
  const { namespace, name, uid } = about.metadata;
  const id = createHash('sha256')
    .update(`${uid}/${type}/${reason}/${instance}/${now.getTime()}`)
    .digest('hex')
    .slice(0, 16);
  const event: KubeObject & Record<string, unknown> = {
    apiVersion: resources.event.apiVersion,
    kind: resources.event.kind,
    metadata: { namespace, name: `${name}.${id}` },
    eventTime: microTime(now),
    reportingController: REPORTING_CONTROLLER,
    reportingInstance: instance.slice(0, 128),
    action: EVENT_ACTION,
    reason,
    type,
    note: note.length > MAX_NOTE_LENGTH ? `${note.slice(0, MAX_NOTE_LENGTH - 1)}…` : note,
    regarding: { apiVersion: about.apiVersion, kind: about.kind, namespace, name, uid },
  };
  return event;
}

/** Kubernetes' MicroTime; Node knows milliseconds. */
function microTime(at: Date): string {
  return at.toISOString().replace('Z', '000Z');
}
