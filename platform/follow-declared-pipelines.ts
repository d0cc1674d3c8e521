import { type Kysely, sql } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Database } from './schema.ts';

/**
 * SQL condition that a pipeline is not deleted. A deleted pipeline keeps its row, because executions and orders refer
 * to it.
 */
export const notDeleted = sql<boolean>`pipelines.status <> 'deleted'`;

/**
 * SQL condition that a TradingPipeline declares the pipeline or once declared it. A pipeline whose declaration was
 * withdrawn keeps its owner but has the status `deleted`.
 */
export const isDeclared = sql<boolean>`pipelines.owner = 'cluster'`;

const INTERVAL_MS = 5_000;

interface FollowOptions {
  readonly db: Kysely<Database>;
  readonly instruments: Pick<Instruments<never>, 'declarePipelines'>;
  readonly log: Logger;
}

/**
 * Tells telemetry every 5 s which pipelines are declared by TradingPipelines. Each declared pipeline keeps its own
 * series even beyond the label budget, because the alerts and dashboards of its TradingPipeline query them.
 */
export function followDeclaredPipelines({ db, instruments, log }: FollowOptions): Repetition {
  return repeat('read the declared pipelines', INTERVAL_MS, log, async () => {
    const declared = await db
      .selectFrom('pipelines')
      .select('pipeline_id')
      .where(isDeclared)
      .where(notDeleted)
      .execute();
    instruments.declarePipelines(declared.map(({ pipeline_id }) => pipeline_id));
  });
}
