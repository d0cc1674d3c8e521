import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { channels } from '#catalogue/topics.ts';
import type { Logger } from '#kit/log.ts';
import { listen } from '#kit/postgres/listen.ts';
import type { Database } from '#platform/schema.ts';
import { presentExecution } from '../api/routes/executions.ts';
import { presentSignal } from '../api/routes/signals.ts';
import { readExecutionsById } from '../store/executions.ts';
import { readPipelinesOfSignals, readSignalsById } from '../store/signals.ts';
import type { StreamHub } from './stream-hub.ts';
import type { StreamChannel, StreamEvent } from './stream-subscription.ts';

/** Largest number of ids that one query reads. */
const CHUNK = 500;
/**
 * Largest number of ids of changed rows that wait to be read, for each channel of the stream, while Postgres is slow. If a
 * channel has more, all its ids are dropped, and its clients receive a `gap` message.
 */
const MAX_WAITING = 20_000;

const streamChannelOf: Readonly<Record<string, StreamChannel>> = {
  [channels.signalsStored]: 'signals',
  [channels.executionsChanged]: 'executions',
};

interface FeedOptions {
  databaseUrl: string;
  db: Kysely<Database>;
  hub: StreamHub;
  coalesceMs: number;
  log: Logger;
}

/**
 * Feeds the stream from the notifications of Postgres: collects ids for `coalesceMs`, reads the rows of these ids
 * together, and publishes the rows.
 */
export function startFeed({ databaseUrl, db, hub, coalesceMs, log }: FeedOptions): { stop(): Promise<void> } {
  const waiting: Record<StreamChannel, Set<string>> = { signals: new Set(), executions: new Set() };
  let flushing: Promise<void> | undefined;
  let connectedBefore = false;

  function gather(channel: StreamChannel, id: string): void {
    if (!hub.hears(channel)) return;
    waiting[channel].add(id);
    if (waiting[channel].size > MAX_WAITING) {
      waiting[channel].clear();
      hub.announceGap('too many changes at once');
      log.warn({ channel, dropped: MAX_WAITING }, 'dropping changes for the stream: too many are waiting');
    }
    flushing ??= flush().finally(() => {
      flushing = undefined;
    });
  }

  async function flush(): Promise<void> {
    while (waiting.signals.size + waiting.executions.size > 0) {
      await sleep(coalesceMs);
      const taken = { signals: takeAll(waiting.signals), executions: takeAll(waiting.executions) };
      try {
        // Signals are published first, so that clients receive the signal of an execution before the execution.
        for (const ids of chunk(taken.signals))
          hub.publish(await readSignalEvents(db, ids, hub.pipelineFilters('signals')));
        for (const ids of chunk(taken.executions)) hub.publish(await readExecutionEvents(db, ids));
      } catch (error) {
        log.warn(
          { error, signals: taken.signals.length, executions: taken.executions.length },
          'could not read changes for the stream',
        );
        hub.announceGap('the database did not answer');
      }
    }
  }

  const listener = listen({
    url: databaseUrl,
    channels: Object.keys(streamChannelOf),
    onNotification: (channel, id) => {
      const streamChannel = streamChannelOf[channel];
      if (streamChannel) gather(streamChannel, id);
    },
    onConnected: () => {
      if (connectedBefore) hub.announceGap('the connection to the database was lost for some time');
      connectedBefore = true;
    },
    log,
  });
  return {
    async stop() {
      await listener.stop();
      await flushing;
    },
  };
}

async function readSignalEvents(
  db: Kysely<Database>,
  ids: readonly string[],
  filters: readonly string[],
): Promise<StreamEvent[]> {
  const rows = await readSignalsById(db, ids);
  const matched = filters.length === 0 ? new Map<string, string[]>() : await readPipelinesOfSignals(db, ids, filters);
  return inOrderOf(ids, rows, (row) => row.signal_id).map((row) => {
    return {
      channel: 'signals',
      type: 'signal',
      data: presentSignal(row),
      pipelineIds: matched.get(row.signal_id) ?? [],
    };
  });
}

async function readExecutionEvents(db: Kysely<Database>, ids: readonly string[]): Promise<StreamEvent[]> {
  const rows = await readExecutionsById(db, ids);
  return inOrderOf(ids, rows, (row) => row.execution_id).map((row) => {
    return { channel: 'executions', type: 'execution', data: presentExecution(row), pipelineIds: [row.pipeline_id] };
  });
}

function inOrderOf<Row>(ids: readonly string[], rows: readonly Row[], idOf: (row: Row) => string): Row[] {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

function takeAll(ids: Set<string>): string[] {
  const taken = [...ids];
  ids.clear();
  return taken;
}

function chunk(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, index) =>
    ids.slice(index * CHUNK, (index + 1) * CHUNK),
  );
}
