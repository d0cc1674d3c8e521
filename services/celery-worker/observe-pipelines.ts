import { type Kysely, sql } from 'kysely';
import type { TriggerMode } from '#catalogue/jobs.ts';
import type { EmittedBy } from '#catalogue/metrics.ts';
import type { PipelineDefinition } from '#catalogue/pipelines.ts';
import type { Database, PipelineRow } from '#kit/database/schema.ts';
import type { Logger } from '#kit/log.ts';
import { type Repetition, repeat } from '#kit/repeat.ts';
import type { Instruments } from '#kit/telemetry/instruments.ts';
import { readSpentByPipeline } from './budget-reader.ts';
import { Exact } from './domain/exact.ts';

const INTERVAL_MS = 5_000;
/** As many pipelines as the catalogue lets have a label of their own. */
const MAX_PIPELINES = 200;

export interface ObservePipelinesOptions {
  db: Kysely<Database>;
  instruments: Instruments<EmittedBy<'celery-worker'>>;
  log: Logger;
  clock: () => Date;
}

interface ActivePipeline {
  pipeline_id: string;
  owner: PipelineRow['owner'];
  definition: PipelineDefinition;
}

/**
 * Keeps the metrics that exist because a pipeline does: its budget, and its counters at 0 from before its first
 * execution, so that Prometheus sees the first one as an increase.
 */
export function observePipelines(options: ObservePipelinesOptions): Repetition {
  const known = new Set<string>();
  return repeat('read the active pipelines', INTERVAL_MS, options.log, async () => {
    const pipelines = await readActive(options.db);
    for (const pipeline of pipelines.filter(({ pipeline_id }) => !known.has(pipeline_id))) {
      startAtZero(pipeline, options.instruments);
      known.add(pipeline.pipeline_id);
    }
    await observeBudgets(pipelines, options);
  });
}

/** Those that a TradingPipeline declares come first: they never share a label with others. */
async function readActive(db: Kysely<Database>): Promise<ActivePipeline[]> {
  return db
    .selectFrom('pipelines')
    .select(['pipeline_id', 'owner', 'definition'])
    .where('status', '=', 'active')
    .orderBy(sql`owner = 'cluster'`, 'desc')
    .orderBy('created_at')
    .limit(MAX_PIPELINES)
    .execute();
}

function startAtZero(
  { pipeline_id, definition }: ActivePipeline,
  instruments: ObservePipelinesOptions['instruments'],
): void {
  const triggerModes: TriggerMode[] =
    definition.trigger.mode === 'manual' ? ['manual'] : [definition.trigger.mode, 'manual'];
  for (const trigger_mode of triggerModes) {
    instruments.gauge('pipeline_executions_active').add(0, { pipeline_id, trigger_mode });
    for (const status of ['success', 'failed'] as const) {
      instruments.counter('pipeline_executions_total').add(0, { status, pipeline_id, trigger_mode });
    }
  }
}

async function observeBudgets(
  pipelines: readonly ActivePipeline[],
  { db, instruments, clock }: ObservePipelinesOptions,
): Promise<void> {
  const budgeted = pipelines.flatMap(({ pipeline_id, definition }) =>
    definition.budget ? [{ pipeline_id, dailyUsd: definition.budget.dailyUsd }] : [],
  );
  const ids = budgeted.map(({ pipeline_id }) => pipeline_id);
  const spent = await readSpentByPipeline(db, ids, clock());
  const remaining = instruments.gauge('pipeline_budget_remaining_usd');
  remaining.reset();
  for (const { pipeline_id, dailyUsd } of budgeted) {
    remaining.set(new Exact(dailyUsd).sub(spent.get(pipeline_id) ?? 0).toNumber(), { pipeline_id });
  }
}
