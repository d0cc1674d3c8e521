import type { Kysely } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { EmittedBy } from '#catalogue/metrics.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { readSettled } from '#platform/model-spending.ts';
import type { Database } from '#platform/schema.ts';
import { finishedStatuses, type TriggerMode } from '#trading/executions/execution.ts';
import { Exact } from '#trading/money.ts';
import type { PipelineDefinition } from '#trading/pipelines/pipeline.ts';

const INTERVAL_MS = 5_000;
/**
 * Maximum number of API users' pipelines whose counters are set to 0 before the first execution. The label budget has
 * no room for the series of more pipelines.
 */
const MAX_PIPELINES = 200;

interface ObservePipelinesOptions {
  db: Kysely<Database>;
  instruments: Instruments<EmittedBy<'celery-worker'>>;
  log: Logger;
  clock: () => Date;
}

interface ActivePipeline {
  pipeline_id: string;
  definition: PipelineDefinition;
}

/**
 * Updates the metrics of active pipelines: the remaining budget, and the counters. Counters are set to 0 before the
 * first execution, so that Prometheus sees the first execution as an increase.
 */
export function observePipelines(options: ObservePipelinesOptions): Repetition {
  const known = new Set<string>();
  return repeat('read the active pipelines', INTERVAL_MS, options.log, async () => {
    const pipelines = await readActive(options.db);
    for (const { pipeline_id, definition } of pipelines) {
      for (const trigger_mode of new Set<TriggerMode>([definition.trigger.mode, 'manual'])) {
        // A pipeline can get another trigger later.
        const key = `${trigger_mode} ${pipeline_id}`;
        if (!known.has(key)) startAtZero({ pipeline_id, trigger_mode }, options.instruments);
        known.add(key);
      }
    }
    await observeBudgets(pipelines, options);
  });
}

/**
 * Reads the active pipelines: all declared ones, because they always have series of their own, and at most
 * MAX_PIPELINES of API users.
 */
async function readActive(db: Kysely<Database>): Promise<ActivePipeline[]> {
  const active = db.selectFrom('pipelines').select(['pipeline_id', 'definition']).where('status', '=', 'active');
  const [declared, others] = await Promise.all([
    active.where('owner', '=', 'cluster').execute(),
    active.where('owner', '=', 'api').orderBy('created_at').limit(MAX_PIPELINES).execute(),
  ]);
  return [...declared, ...others];
}

function startAtZero(
  labels: { pipeline_id: string; trigger_mode: TriggerMode },
  instruments: ObservePipelinesOptions['instruments'],
): void {
  instruments.gauge('pipeline_executions_active').add(0, labels);
  for (const status of finishedStatuses) {
    instruments.counter('pipeline_executions_total').add(0, { status, ...labels });
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
  const spent = await readSettled(db, ids, clock());
  const remaining = instruments.gauge('pipeline_budget_remaining_usd');
  remaining.reset();
  for (const { pipeline_id, dailyUsd } of budgeted) {
    remaining.set(new Exact(dailyUsd).sub(spent.get(pipeline_id) ?? 0).toNumber(), { pipeline_id });
  }
}
