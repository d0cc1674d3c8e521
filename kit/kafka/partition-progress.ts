import type { Admin, Kafka } from 'kafkajs';
import type { Log } from '#base/log.ts';
import { type Repetition, repeat } from '#base/repeat.ts';
import { findTimeOf } from './find-time.ts';

/** How far a consumer group has consumed one partition. */
export interface PartitionProgress {
  topic: string;
  partition: number;
  /** The committed offset of the group: the offset of the next message to consume. */
  committed: bigint;
  /** The offset after the newest message of the partition. */
  end: bigint;
  /** Age of the oldest message that is not yet consumed; 0 if all messages are consumed. */
  lagSeconds: number;
}

interface PartitionState {
  readonly partition: number;
  committed: bigint;
  /** The offset before which nothing is left to consume. Greater than `committed` after control records. */
  position: bigint;
  end: bigint;
  /** Time of publishing of the oldest message that is not consumed; undefined if unknown. */
  oldestMs: number | undefined;
  /** `position` at the last read from the broker; undefined before the first. */
  lastPosition: bigint | undefined;
}

interface ProgressOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
  readonly fromBeginning: boolean;
  readonly log: Log;
}

/** Time between two reads of the end offsets from the broker. */
const READ_EVERY_MS = 5_000;

/**
 * Knows how far a group has consumed the partitions that are assigned to this process. The ends come from the broker,
 * not only from fetched messages: a consumer that fetches nothing must show its lag.
 */
export class ProgressTracker {
  readonly #options: ProgressOptions;
  #states = new Map<number, PartitionState>();
  #admin: Admin | undefined;
  #reading: Repetition | undefined;
  #failing = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Forgets the partitions of before, and begins to read the offsets of these. */
  assign(partitions: readonly number[]): void {
    this.#states = new Map(partitions.map((partition) => [partition, newState(partition)]));
    void this.#reading?.stop(0);
    const states = this.#states;
    let isFirst = true;
    this.#reading = repeat('read the lag', READ_EVERY_MS, this.#options.log, async () => {
      isFirst = !(await this.#read(states, isFirst)) && isFirst;
    });
  }

  /** Notes a fetch. @param firstMs time of publishing of its first message */
  fetched(partition: number, end: bigint, firstMs: number | undefined): void {
    const state = this.#states.get(partition);
    if (!state) return;
    state.end = end;
    state.oldestMs = firstMs;
  }

  /** Notes that a message is handled. @param nextMs time of publishing of the next one in hand */
  handled(partition: number, nextMs: number | undefined): void {
    const state = this.#states.get(partition);
    if (state) state.oldestMs = nextMs;
  }

  committed(partition: number, offset: bigint): void {
    const state = this.#states.get(partition);
    if (!state) return;
    state.committed = offset;
    this.passed(partition, offset);
  }

  /** Notes that nothing before this offset is left to consume, although it may not be committed. */
  passed(partition: number, offset: bigint): void {
    const state = this.#states.get(partition);
    if (state && offset > state.position) state.position = offset;
  }

  progress(now: number): PartitionProgress[] {
    const { topic } = this.#options;
    return [...this.#states.values()].map(({ partition, committed, position, end, oldestMs }) => {
      const behind = oldestMs !== undefined && position < end;
      const lagSeconds = behind ? Math.max(0, (now - oldestMs) / 1_000) : 0;
      return { topic, partition, committed, end, lagSeconds };
    });
  }

  async stop(): Promise<void> {
    await this.#reading?.stop();
    await this.#admin?.disconnect();
  }

  /** Reads the offsets from the broker. Returns whether that succeeded. After a failure, the last known ones stay. */
  async #read(states: Map<number, PartitionState>, withCommitted: boolean): Promise<boolean> {
    const { kafka, groupId, log } = this.#options;
    try {
      if (!this.#admin) {
        const admin = kafka.admin();
        await admin.connect();
        this.#admin = admin;
      }
      await this.#readEnds(this.#admin, states);
      if (withCommitted) await this.#readCommitted(this.#admin, states);
      await this.#readOldest(this.#admin, states);
      this.#failing = false;
      return true;
    } catch (error) {
      if (!this.#failing) log.warn({ error, group: groupId }, 'could not read the lag from Kafka, trying again');
      this.#failing = true;
      await this.#admin?.disconnect().catch(() => undefined);
      this.#admin = undefined;
      return false;
    }
  }

  async #readEnds(admin: Admin, states: Map<number, PartitionState>): Promise<void> {
    for (const { partition, high, low } of await admin.fetchTopicOffsets(this.#options.topic)) {
      const state = states.get(partition);
      if (!state) continue;
      if (BigInt(high) > state.end) state.end = BigInt(high);
      // Messages before the lowest offset are deleted.
      if (BigInt(low) > state.position) state.position = BigInt(low);
    }
  }

  async #readCommitted(admin: Admin, states: Map<number, PartitionState>): Promise<void> {
    const { groupId, topic, fromBeginning } = this.#options;
    const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
    for (const { partition, offset } of group?.partitions ?? []) {
      const state = states.get(partition);
      if (!state) continue;
      const committed = BigInt(offset);
      if (committed > state.committed) state.committed = committed;
      // A group without a committed offset skips the messages of before, unless it starts at the beginning.
      const position = committed < 0n && !fromBeginning ? state.end : committed;
      if (position > state.position) state.position = position;
    }
  }

  /** Finds the age of messages that wait and are not fetched: at the first read, or if nothing has moved since the last. */
  async #readOldest(admin: Admin, states: Map<number, PartitionState>): Promise<void> {
    for (const state of states.values()) {
      const { partition, position: offset, lastPosition = offset } = state;
      state.lastPosition = offset;
      if (state.oldestMs !== undefined || offset >= state.end || offset !== lastPosition) continue;
      const found = await findTimeOf(admin, { topic: this.#options.topic, partition, offset }, Date.now());
      if (state.oldestMs === undefined && state.position === offset) state.oldestMs = found;
    }
  }
}

function newState(partition: number): PartitionState {
  return { partition, committed: 0n, position: 0n, end: 0n, oldestMs: undefined, lastPosition: undefined };
}
