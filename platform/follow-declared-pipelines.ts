import type { Kysely } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Database } from './schema.ts';

const INTERVAL_MS = 5_000;

export interface FollowOptions {
  readonly db: Kysely<Database>;
  readonly instruments: Pick<Instruments<never>, 'declarePipelines'>;
  readonly log: Logger;
}

/** Keeps the pipelines that a TradingPipeline declares out of the label budget: alerts and dashboards of their own ask for them. */
export function followDeclaredPipelines({ db, instruments, log }: FollowOptions): Repetition {
  return repeat('read the declared pipelines', INTERVAL_MS, log, async () => {
    const declared = await db
      .selectFrom('pipelines')
      .select('pipeline_id')
      .where('owner', '=', 'cluster')
      .where('status', '!=', 'deleted')
      .execute();
    instruments.declarePipelines(declared.map(({ pipeline_id }) => pipeline_id));
  });
}
