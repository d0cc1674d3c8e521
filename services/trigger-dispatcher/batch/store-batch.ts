import { type Kysely, sql, type Transaction } from 'kysely';
import type { TraceHeaders } from '#kit/telemetry/traces/tracing.ts';
import type { ExecutionJob } from '#platform/execution-queue.ts';
import type { Database } from '#platform/schema.ts';
import type { ExecutionStatus, MatchOutcome } from '#trading/executions/execution.ts';
import {
  accountSignal,
  type PlannedExecution,
  type PlannedSignal,
  type SignalAccount,
} from '#trading/matching/pipeline-index.ts';

/** Reason of a skipped execution, which the API shows. */
export const SKIPPED_RUNNING = 'the pipeline was running for this ticker';

/** Returns the trace context that the executions of a signal continue, as headers. */
export type TraceOf = (signalId: string) => TraceHeaders;

interface StoredExecution extends PlannedExecution {
  readonly status: MatchOutcome;
}

export interface StoredBatch {
  /** The new signals, in the order of the batch. */
  readonly stored: readonly (SignalAccount & { readonly signal_type: string })[];
  /** The executions of the new signals. */
  readonly executions: readonly StoredExecution[];
  /** Ids of the signals that an earlier delivery stored. */
  readonly duplicates: readonly string[];
  /** Jobs to enqueue: the queued executions of the new signals and of the duplicates. */
  readonly jobs: readonly ExecutionJob[];
}

/**
 * Stores a batch in one transaction of at most five statements, whatever the size of the batch. A signal that an
 * earlier delivery or another dispatcher has already stored changes nothing. The unique index `executions_one_running`
 * decides whether a pipeline is already running for a ticker, so two dispatchers cannot both start the pipeline.
 */
export async function storeBatch(
  db: Kysely<Database>,
  planned: readonly PlannedSignal[],
  traceOf: TraceOf,
): Promise<StoredBatch> {
  if (planned.length === 0) return { stored: [], executions: [], duplicates: [], jobs: [] };
  return db.transaction().execute(async (transaction) => {
    const newIds = await insertSignals(transaction, planned);
    const fresh = planned.filter(({ signal }) => newIds.has(signal.signal_id));
    const duplicates = planned.map(({ signal }) => signal.signal_id).filter((id) => !newIds.has(id));
    const wanted = fresh.flatMap(({ executions }) => executions);

    const queued = await insertExecutions(transaction, wanted, 'queued', traceOf);
    const left = wanted.filter(({ execution_id }) => !queued.has(execution_id));
    const skipped = await insertExecutions(transaction, left, 'skipped', traceOf);
    const stored = fresh.map((plan) => ({
      ...accountSignal(plan, queued, skipped),
      signal_type: plan.signal.signal_type,
    }));
    await correctSignals(
      transaction,
      stored.filter(({ enqueued }, index) => enqueued !== fresh[index]?.executions.length),
    );

    return {
      stored,
      executions: wanted.flatMap((execution) => withStatus(execution, queued, skipped)),
      duplicates,
      jobs: [
        ...wanted.filter(({ execution_id }) => queued.has(execution_id)).map((execution) => jobOf(execution, traceOf)),
        ...(await readWaitingJobs(transaction, duplicates)),
      ],
    };
  });
}

/**
 * Inserts the signals and returns the ids of the new ones. The inserted counts assume that an execution is enqueued for
 * every matching pipeline, which is the usual case. `correctSignals` corrects the counts of signals for which this is
 * wrong.
 */
async function insertSignals(
  transaction: Transaction<Database>,
  planned: readonly PlannedSignal[],
): Promise<Set<string>> {
  const rows = planned.map(({ signal, executions }) => ({
    signal_id: signal.signal_id,
    signal_type: signal.signal_type,
    source: signal.source,
    timeframe: signal.metadata.timeframe,
    signal: JSON.stringify(signal),
    generated_at: new Date(signal.timestamp * 1_000),
    matched: executions.length,
    enqueued: executions.length,
    skipped: 0,
    outcome: executions.length > 0 ? ('matched' as const) : ('unmatched' as const),
  }));
  const inserted = await transaction
    .insertInto('signals')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .returning('signal_id')
    .execute();
  return new Set(inserted.map(({ signal_id }) => signal_id));
}

/** Columns of the insert, in the order of the select in `insertExecutions`. */
const EXECUTION_COLUMNS = [
  'execution_id',
  'pipeline_id',
  'ticker',
  'signal_id',
  'trace',
  'trigger_mode',
  'status',
  'reason',
  'finished_at',
] as const;

/**
 * Inserts executions and returns the ids of the inserted ones. An execution is left out if its pipeline is no longer
 * active (paused or deleted since the matching) or, with status `queued`, if the pipeline is already running for the
 * ticker.
 */
async function insertExecutions(
  transaction: Transaction<Database>,
  executions: readonly PlannedExecution[],
  status: Extract<ExecutionStatus, 'queued' | 'skipped'>,
  traceOf: TraceOf,
): Promise<Set<string>> {
  if (executions.length === 0) return new Set();
  const rows = executions.map((execution, position) => ({
    ...execution,
    position,
    trace: traceOf(execution.signal_id),
  }));
  const skipped = status === 'skipped';
  const inserted = await transaction
    .insertInto('executions')
    .columns([...EXECUTION_COLUMNS])
    .expression((query) =>
      query
        .selectFrom(recordset(rows))
        .innerJoin('pipelines', 'pipelines.pipeline_id', 'planned.pipeline_id')
        .where('pipelines.status', '=', 'active')
        .select(['planned.execution_id', 'planned.pipeline_id', 'planned.ticker', 'planned.signal_id', 'planned.trace'])
        .select([
          sql.lit('signal').as('trigger_mode'),
          sql.lit(status).as('status'),
          sql<string | null>`${skipped ? SKIPPED_RUNNING : null}::text`.as('reason'),
          sql<Date | null>`case when ${skipped}::boolean then now() end`.as('finished_at'),
        ])
        .orderBy('planned.position')
        // Locks the pipeline's row until the commit. If the row were deleted before the commit, the whole batch would
        // fail.
        .forKeyShare('pipelines'),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('execution_id')
    .execute();
  return new Set(inserted.map(({ execution_id }) => execution_id));
}

interface PlannedRow extends PlannedExecution {
  position: number;
  trace: TraceHeaders;
}

/** Passes all rows as one JSON parameter, because Postgres allows 65,535 parameters per statement. */
function recordset(rows: readonly PlannedRow[]) {
  const columns = sql`planned(position integer, execution_id text, pipeline_id text, ticker text, signal_id text, trace jsonb)`;
  return sql<
    Omit<PlannedRow, 'trace'> & { trace: string }
  >`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)`.as<'planned'>(columns);
}

/** Corrects the counts and the outcome of signals for which not every matching pipeline got an enqueued execution. */
async function correctSignals(transaction: Transaction<Database>, accounts: readonly SignalAccount[]): Promise<void> {
  if (accounts.length === 0) return;
  const columns = sql`account(signal_id text, matched integer, enqueued integer, skipped integer, outcome text)`;
  await transaction
    .updateTable('signals')
    .from(sql<SignalAccount>`jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb)`.as<'account'>(columns))
    .set((row) => ({
      matched: row.ref('account.matched'),
      enqueued: row.ref('account.enqueued'),
      skipped: row.ref('account.skipped'),
      outcome: row.ref('account.outcome'),
    }))
    .whereRef('signals.signal_id', '=', 'account.signal_id')
    .execute();
}

/**
 * Reads the queued executions of signals that an earlier delivery stored. That delivery may have failed before it
 * enqueued the executions.
 */
async function readWaitingJobs(
  transaction: Transaction<Database>,
  signalIds: readonly string[],
): Promise<ExecutionJob[]> {
  if (signalIds.length === 0) return [];
  return transaction
    .selectFrom('executions')
    .select(['execution_id', 'trace'])
    .where('signal_id', 'in', signalIds)
    .where('status', '=', 'queued')
    .execute();
}

function withStatus(
  execution: PlannedExecution,
  queued: ReadonlySet<string>,
  skipped: ReadonlySet<string>,
): StoredExecution[] {
  if (queued.has(execution.execution_id)) return [{ ...execution, status: 'enqueued' }];
  return skipped.has(execution.execution_id) ? [{ ...execution, status: 'skipped' }] : [];
}

function jobOf({ execution_id, signal_id }: PlannedExecution, traceOf: TraceOf): ExecutionJob {
  return { execution_id, trace: traceOf(signal_id) };
}
