import type { Kysely } from 'kysely';
import type { Database } from '#kit/database/schema.ts';
import type { Logger } from '#kit/log.ts';
import type { PriceOf } from '../../domain/valuation.ts';
import type { RunPipeline } from '../../run-pipeline.ts';

/** What the routes work with. */
export interface RouteContext {
  db: Kysely<Database>;
  log: Logger;
  priceOf: PriceOf;
  runPipeline: RunPipeline;
  now: () => Date;
}
