import { type Kysely, sql } from 'kysely';
import { createBackoff } from '#base/keep-trying.ts';
import type { Logger } from '#kit/log.ts';
import type { Database } from '#platform/schema.ts';
import { parsePipeline } from '#trading/pipelines/parse-pipeline.ts';
import type { PipelineIndex } from '#trading/pipelines/pipeline-index.ts';
import type { DispatcherMetrics } from './dispatcher-metrics.ts';

/** Changes that come together are read together. */
const COALESCE_MS = 20;
const PAGE = 1_000;

export interface IndexKeeper {
  /** Compares the whole index with the database. */
  refresh(): Promise<void>;
  /** Reads one pipeline again, soon; tried until it succeeds. */
  pipelineChanged(pipelineId: string): void;
  /** Refreshes, soon; tried until it succeeds. */
  allChanged(): void;
  stop(): Promise<void>;
}

export interface IndexKeeperOptions {
  readonly db: Kysely<Database>;
  readonly index: PipelineIndex;
  readonly metrics: Pick<DispatcherMetrics, 'refresh'>;
  readonly log: Logger;
}

/**
 * Keeps the index as the active pipelines of the database are. One read at a time, so that an older answer never
 * overwrites a newer one; while the database is away, the index stays as it was.
 */
export function createIndexKeeper({ db, index, metrics, log }: IndexKeeperOptions): IndexKeeper {
  /** Of each active pipeline, what its definition was when it was read. */
  const known = new Map<string, string>();
  const changed = new Set<string>();
  const stopping = new AbortController();
  const backoff = createBackoff(COALESCE_MS, 5_000);
  let everything = false;
  let turn: Promise<void> = Promise.resolve();
  let draining: Promise<void> | undefined;

  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function refresh(): Promise<void> {
    const began = performance.now();
    const active = await readActive(db);
    for (const id of known.keys()) if (!active.has(id)) forget(id);
    const differing = [...active].filter(([id, fingerprint]) => known.get(id) !== fingerprint).map(([id]) => id);
    await readPipelines(differing);
    metrics.refresh.record((performance.now() - began) / 1_000);
    log.debug({ pipelines: index.size, read: differing.length }, 'index refreshed');
  }

  async function readPipelines(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += PAGE) {
      const page = ids.slice(start, start + PAGE);
      const rows = new Map((await readDefinitions(db, page)).map((row) => [row.pipeline_id, row]));
      for (const id of page) {
        const row = rows.get(id);
        if (row) learn(id, row.fingerprint, row.definition);
        else forget(id);
      }
    }
  }

  function learn(id: string, fingerprint: string, definition: unknown): void {
    known.set(id, fingerprint);
    try {
      const pipeline = parsePipeline(id, definition);
      if (pipeline) index.upsert(pipeline);
      else index.remove(id);
    } catch (error) {
      index.remove(id);
      log.error(
        { error, pipeline_id: id },
        'pipeline cannot be read, so that no signal starts it; correct its definition',
      );
    }
  }

  function forget(id: string): void {
    known.delete(id);
    index.remove(id);
  }

  async function drain(): Promise<void> {
    while ((everything || changed.size > 0) && !stopping.signal.aborted) {
      await backoff.wait(stopping.signal);
      const [all, ids] = [everything, [...changed]];
      everything = false;
      changed.clear();
      try {
        await inTurn(() => (all ? refresh() : readPipelines(ids)));
        backoff.reset();
      } catch (error) {
        log.warn({ error }, 'could not read changed pipelines, trying again; the index stays as it is');
        everything ||= all;
        for (const id of ids) changed.add(id);
      }
    }
    draining = undefined;
  }

  function drainSoon(): void {
    draining ??= drain();
  }

  return {
    refresh: () => inTurn(refresh),
    pipelineChanged(pipelineId) {
      changed.add(pipelineId);
      drainSoon();
    },
    allChanged() {
      everything = true;
      drainSoon();
    },
    async stop() {
      stopping.abort();
      await draining;
      await turn;
    },
  };
}

const fingerprint = sql<string>`md5(definition::text)`.as('fingerprint');

async function readActive(db: Kysely<Database>): Promise<Map<string, string>> {
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
