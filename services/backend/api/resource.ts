import type { Kysely } from 'kysely';
import type { Logger } from '#kit/log.ts';
import type { Database } from '#platform/schema.ts';
import type { PriceOf } from '#trading/ledger/valuation.ts';
import type { RunPipeline } from '../pipelines/run-pipeline.ts';

/** What the routes work with. */
export interface RouteContext {
  db: Kysely<Database>;
  log: Logger;
  priceOf: PriceOf;
  runPipeline: RunPipeline;
  now: () => Date;
}
