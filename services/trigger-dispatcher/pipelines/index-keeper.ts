/** Keeps the index of pipelines equal to the active pipelines in Postgres. */
import { type Kysely, sql } from 'kysely';
import { createBackoff } from '#base/keep-trying.ts';
import { repeat } from '#base/repeat.ts';
import { channels } from '#catalogue/topics.ts';
import type { Logger } from '#kit/log.ts';
import { listen } from '#kit/postgres/listen.ts';
import type { Database } from '#platform/schema.ts';
import { countEntries } from '#trading/matching/index-entries.ts';
import type { PipelineIndex } from '#trading/matching/pipeline-index.ts';
import { parsePipeline, type SignalPipeline } from '#trading/matching/signal-pipeline.ts';
import type { DispatcherMetrics } from '../dispatcher-metrics.ts';

/** Pipelines that change within this time are read in one query. */
const COALESCE_MS = 20;
const MAX_BACKOFF_MS = 5_000;
/** Maximum number of pipelines in one query. A definition takes 13 kB at most, and several times as much while it is parsed. */
const PAGE = 200;

interface IndexKeeperOptions {
  readonly db: Kysely<Database>;
  readonly index: PipelineIndex;
  readonly metrics: Pick<DispatcherMetrics, 'refresh'>;
  readonly log: Logger;
}

/**
 * Reads pipelines into the index. Only one read runs at a time, so an older result never overwrites a newer one. While
 * Postgres is down, the index is not changed.
 */
export class IndexKeeper {
  readonly #options: IndexKeeperOptions;
  /** Fingerprint of each active pipeline's definition when it was last read, keyed by pipeline id. */
  readonly #known = new Map<string, string>();
  /** Active pipelines for which the index has no room, with the entries that they need. */
  readonly #leftOut = new Map<string, number>();
  readonly #changed = new Set<string>();
  #allChanged = false;
  readonly #stopping = new AbortController();
  readonly #backoff = createBackoff(COALESCE_MS, MAX_BACKOFF_MS);
  /** Settles when the last queued read has ended. */
  #turn: Promise<void> = Promise.resolve();
  #draining: Promise<void> | undefined;

  constructor(options: IndexKeeperOptions) {
    this.#options = options;
  }

  /** Compares the whole index with Postgres and reads the pipelines that differ. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#refresh());
  }

  /** Schedules a read of one pipeline. The read is retried until it succeeds. */
  pipelineChanged(pipelineId: string): void {
    this.#changed.add(pipelineId);
    this.#drainSoon();
  }

  /** Schedules a refresh of the whole index. The refresh is retried until it succeeds. */
  allChanged(): void {
    this.#allChanged = true;
    this.#drainSoon();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#draining;
    await this.#turn;
  }

  #inTurn(read: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(read);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #drainSoon(): void {
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    while ((this.#allChanged || this.#changed.size > 0) && !this.#stopping.signal.aborted) {
      await this.#backoff.wait(this.#stopping.signal);
      await this.#readChanged();
    }
    this.#draining = undefined;
  }

  /** Reads the pipelines that are noted as changed. Notes them again if the read fails. */
  async #readChanged(): Promise<void> {
    const [all, ids] = [this.#allChanged, [...this.#changed]];
    this.#allChanged = false;
    this.#changed.clear();
    try {
      await this.#inTurn(() => (all ? this.#refresh() : this.#readPipelines(ids)));
      this.#backoff.reset();
    } catch (error) {
      this.#options.log.warn({ error }, 'could not read changed pipelines, trying again; the index stays as it is');
      this.#allChanged ||= all;
      for (const id of ids) this.#changed.add(id);
    }
  }

  async #refresh(): Promise<void> {
    const { db, index, metrics, log } = this.#options;
    const began = performance.now();
    const active = await readFingerprints(db);
    for (const id of this.#known.keys()) if (!active.has(id)) this.#forget(id);
    const differing = [...active].filter(([id, fingerprint]) => this.#known.get(id) !== fingerprint).map(([id]) => id);
    await this.#readPipelines(differing);
    await this.#readPipelines(this.#fitting());
    metrics.refresh.record((performance.now() - began) / 1_000);
    log.debug({ pipelines: index.size, read: differing.length }, 'index refreshed');
  }

  async #readPipelines(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += PAGE) {
      const page = ids.slice(start, start + PAGE);
      const rows = new Map((await readDefinitions(this.#options.db, page)).map((row) => [row.pipeline_id, row]));
      for (const id of page) {
        const row = rows.get(id);
        if (row) this.#learn(id, row.fingerprint, row.definition);
        else this.#forget(id);
      }
    }
  }

  #learn(id: string, fingerprint: string, definition: unknown): void {
    const { index, log } = this.#options;
    this.#known.set(id, fingerprint);
    this.#leftOut.delete(id);
    try {
      const pipeline = parsePipeline(id, definition);
      if (!pipeline) index.remove(id);
      else if (!index.upsert(pipeline)) this.#leaveOut(pipeline);
    } catch (error) {
      index.remove(id);
      log.error(
        { error, pipeline_id: id },
        'cannot parse the pipeline, so no signal starts it; correct its definition',
      );
    }
  }

  /** The API refuses pipelines for which there is no room, so this happens only if its limit is higher than that of the index. */
  #leaveOut(pipeline: SignalPipeline): void {
    const { pipelineId: pipeline_id } = pipeline;
    this.#leftOut.set(pipeline_id, countEntries(pipeline));
    this.#options.log.error(
      { pipeline_id, entries: this.#leftOut.get(pipeline_id), room: this.#options.index.room },
      'no room for the pipeline in the index, so no signal starts it; delete pipelines or raise PIPELINES_MAX_ENTRIES',
    );
  }

  /** Returns the pipelines without room that would fit by now, together. */
  #fitting(): string[] {
    let { room } = this.#options.index;
    return [...this.#leftOut].flatMap(([id, entries]) => {
      if (entries > room) return [];
      room -= entries;
      return [id];
    });
  }

  #forget(id: string): void {
    this.#known.delete(id);
    this.#leftOut.delete(id);
    this.#options.index.remove(id);
  }
}

const fingerprint = sql<string>`md5(definition::text)`.as('fingerprint');

async function readFingerprints(db: Kysely<Database>): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('pipelines')
    .select(['pipeline_id', fingerprint])
    .where('status', '=', 'active')
    .execute();
  return new Map(rows.map((row) => [row.pipeline_id, row.fingerprint]));
}

async function readDefinitions(db: Kysely<Database>, ids: readonly string[]) {
  return db
    .selectFrom('pipelines')
    .select(['pipeline_id', 'definition', fingerprint])
    .where('status', '=', 'active')
    .where('pipeline_id', 'in', ids)
    .execute();
}

interface FollowOptions {
  readonly keeper: IndexKeeper;
  readonly databaseUrl: string;
  readonly refreshEveryMs: number;
  readonly log: Logger;
}

/**
 * Keeps the index up to date: reads a pipeline when Postgres sends a notification about it, and refreshes the whole
 * index after each connection and at an interval, in case a notification was lost.
 */
export function followPipelines({ keeper, databaseUrl, refreshEveryMs, log }: FollowOptions): {
  stop(): Promise<void>;
} {
  const listener = listen({
    url: databaseUrl,
    channels: [channels.pipelinesChanged],
    onNotification: (_, pipelineId) => keeper.pipelineChanged(pipelineId),
    onConnected: () => keeper.allChanged(),
    log,
  });
  const refreshing = repeat('refresh the index', refreshEveryMs, log, () => keeper.refresh());
  return {
    async stop() {
      await Promise.all([listener.stop(), refreshing.stop()]);
      await keeper.stop();
    },
  };
}
