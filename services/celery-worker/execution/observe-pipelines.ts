import type { Kysely } from 'kysely';
import { type Repetition, repeat } from '#base/repeat.ts';
import type { EmittedBy } from '#catalogue/metrics.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { readSettled } from '#platform/model-spending.ts';
import type { Database } from '#platform/schema.ts';
import { finishedStatuses, type TriggerMode } from '#trading/executions/execution.ts';
import { Exact } from '#trading/money.ts';
import { orderSides, orderStatuses } from '#trading/orders/order.ts';
import type { PipelineDefinition } from '#trading/pipelines/pipeline.ts';
import type { PipelineOwner } from '#trading/pipelines/pipeline-status.ts';

const INTERVAL_MS = 5_000;
/**
 * Maximum number of API users' pipelines whose counters are set to 0 before the first execution. The label budget has
 * no room for the series of more pipelines.
 */
const MAX_PIPELINES = 200;

/** Tickers of a bot whose counters of trades are set to 0 in advance. A bot may have a thousand. */
const MAX_TICKERS = 20;
/** Pairs of bot and ticker, of API users' bots together, that this may take of the label budget of the counter. */
const MAX_PAIRS = 150;

interface ObservePipelinesOptions {
  db: Kysely<Database>;
  instruments: Instruments<EmittedBy<'celery-worker'>>;
  log: Logger;
  clock: () => Date;
}

interface ActivePipeline {
  pipeline_id: string;
  owner: PipelineOwner;
  definition: PipelineDefinition;
}

/**
 * Updates the metrics of active pipelines: the remaining budget, and the counters. Counters are set to 0 before the
 * first execution, so that Prometheus sees the first execution as an increase.
 */
export function observePipelines(options: ObservePipelinesOptions): Repetition {
  const known = new Set<string>();
  const startTradesAtZero = createTradesAtZero(options.instruments);
  return repeat('read the active pipelines', INTERVAL_MS, options.log, async () => {
    const pipelines = await readActive(options.db);
    for (const pipeline of pipelines) {
      const { pipeline_id, definition } = pipeline;
      for (const trigger_mode of new Set<TriggerMode>([definition.trigger.mode, 'manual'])) {
        // A pipeline can get another trigger later.
        const key = `${trigger_mode} ${pipeline_id}`;
        if (!known.has(key)) startAtZero({ pipeline_id, trigger_mode }, options.instruments);
        known.add(key);
      }
      if (!known.has(pipeline_id)) startTradesAtZero(pipeline);
      known.add(pipeline_id);
    }
    await observeBudgets(pipelines, options);
  });
}

/**
 * Reads the active pipelines: all declared ones, because they always have series of their own, and at most
 * MAX_PIPELINES of API users.
 */
async function readActive(db: Kysely<Database>): Promise<ActivePipeline[]> {
  const active = db
    .selectFrom('pipelines')
    .select(['pipeline_id', 'owner', 'definition'])
    .where('status', '=', 'active');
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

/**
 * Returns a function that sets the counters of a bot's trades to 0, so that rate() sees its first trade. Tickers beyond
 * the bounds begin with their first trade.
 */
function createTradesAtZero(instruments: ObservePipelinesOptions['instruments']): (pipeline: ActivePipeline) => void {
  const trades = instruments.counter('trading_bot_trades_total');
  let pairsLeft = MAX_PAIRS;
  return ({ pipeline_id: bot_id, owner, definition }) => {
    if (!definition.stages.some(({ agent }) => agent === 'trade-manager')) return;
    const tickers = definition.tickers.slice(0, owner === 'cluster' ? MAX_TICKERS : Math.min(MAX_TICKERS, pairsLeft));
    if (owner !== 'cluster') pairsLeft -= tickers.length;
    for (const symbol of tickers)
      for (const side of orderSides)
        for (const status of orderStatuses) trades.add(0, { bot_id, symbol, side, status });
  };
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
