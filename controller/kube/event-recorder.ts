/**
 * Writes Kubernetes Events about TradingPipelines, as `kubectl describe` and `kubectl get events` show them.
 * Repetitions of a reason for one TradingPipeline within ten minutes are counted on the first Event, so that a flapping
 * condition does not flood the cluster. Callers do not wait for the writes: Events are written one after the other, and
 * a failed write is only logged. For each condition of a TradingPipeline at most one Event waits, the newest, so that
 * outdated Events are not written.
 */
import { createHash } from 'node:crypto';
import type { Log } from '#base/log.ts';
import { type KubeObject, resources } from '../api/kube-object.ts';
import { EVENT_ACTION, REPORTING_CONTROLLER } from '../api/names.ts';
import type { ConditionEvent } from '../reconcile/status/verdict.ts';
import type { KubeClient } from './kube-client.ts';
import { microTime } from './lease.ts';

interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'apply'>;
  /** Name of this controller's pod. The name tells the Events of several controllers apart. */
  readonly instance: string;
  readonly now: () => Date;
  readonly log: Log;
}

/** An Event, and how often its reason has occurred since the Event was created, including the first time. */
interface Series {
  readonly event: KubeObject;
  readonly startedAtMs: number;
  count: number;
}

const SERIES_MS = 10 * 60_000;
/** Largest sizes of the maps `#series` and `#waiting`, so that a storm of changes cannot fill the memory. */
const MAX_SERIES = 2_000;
const MAX_WAITING = 1_000;
/** Longest note of an Event that the API server accepts, in characters. */
const MAX_NOTE_LENGTH = 1_024;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  /** Events that wait to be written, keyed by resource and condition, in order of arrival. */
  readonly #waiting = new Map<string, { readonly about: KubeObject; readonly event: ConditionEvent }>();
  #stopped = false;
  #writing: Promise<void> | undefined;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(about: KubeObject, events: readonly ConditionEvent[]): void {
    for (const event of events) {
      const key = `${about.metadata.uid}/${event.about}`;
      this.#waiting.delete(key);
      if (this.#waiting.size < MAX_WAITING) this.#waiting.set(key, { about, event });
      else {
        const fields = { name: about.metadata.name, reason: event.reason };
        this.#options.log.warn(fields, 'too many events are waiting; dropped one');
      }
    }
    this.#writing ??= this.#writeAll();
  }

  /** Waits for the Event that is being written, and drops the waiting Events. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (const [key, { about, event }] of this.#waiting) {
      if (this.#stopped) break;
      this.#waiting.delete(key);
      await this.#write(this.#count(about, event));
    }
    this.#writing = undefined;
  }

  #count(about: KubeObject, event: ConditionEvent): KubeObject {
    const now = this.#options.now();
    const key = [about.metadata.uid, event.type, event.reason, ...(event.isSeparate ? [event.note] : [])].join('/');
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
    try {
      await this.#options.client.apply(resources.event, object);
    } catch (error) {
      this.#options.log.warn({ event: object.metadata.name, error: (error as Error).message }, 'event was not written');
    }
  }
}

function buildEvent(
  about: KubeObject,
  { type, reason, note, isSeparate }: ConditionEvent,
  now: Date,
  instance: string,
): KubeObject {
  const { namespace, name, uid } = about.metadata;
  const id = createHash('sha256')
    .update(`${uid}/${type}/${reason}/${instance}/${now.getTime()}${isSeparate ? `/${note}` : ''}`)
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
