import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Logger } from '#kit/log.ts';
import type { TraceHeaders } from '#kit/telemetry/traces/tracing.ts';
import type { Database } from '#platform/schema.ts';
import type { ExecutionStatus } from '#trading/executions/execution.ts';
import { executionId } from '#trading/matching/pipeline-index.ts';
import { findNewestDue, findNextDue, type Schedule } from '#trading/pipelines/due-times.ts';
import { type PipelineDefinition, pipelineSchema } from '#trading/pipelines/pipeline.ts';
import { SKIPPED_RUNNING } from '../batch/store-batch.ts';

/** Most pipelines that one transaction claims. A pipeline has up to 1,000 tickers, each an execution. */
const MAX_PIPELINES = 20;

export interface StoreDueOptions {
  readonly db: Kysely<Database>;
  readonly log: Logger;
  /** Trace context that the executions continue, as headers. */
  readonly trace: TraceHeaders;
  /** The current time for Postgres. Default: Postgres's own clock, which all schedulers share. */
  readonly clock?: RawBuilder<Date>;
}

interface StoredDue {
  /** Number of pipelines that were claimed. If it is 0, nothing is due. */
  readonly pipelines: number;
  /** Ids of the executions to enqueue. */
  readonly queued: readonly string[];
  /** Number of executions that were skipped, because the pipeline was still running for their ticker. */
  readonly skipped: number;
}

/**
 * Starts the pipelines that are due: stores an execution for each of their tickers, and moves their schedules on. One
 * transaction, which locks the schedules it claims and passes over those that another scheduler has claimed. Of several
 * due times that passed unnoticed, only the newest counts.
 */
export async function storeDue({ db, log, trace, clock = sql<Date>`now()` }: StoreDueOptions): Promise<StoredDue> {
  return db.transaction().execute(async (transaction) => {
    const claimed = await claimDue(transaction, clock);
    const moves = claimed.map((row) => planMove(row, log));
    const planned = moves.flatMap(({ executions }) => executions);
    const queued = await insertDue(transaction, planned, 'queued', trace);
    const left = planned.filter(({ execution_id }) => !queued.has(execution_id));
    const skipped = await insertDue(transaction, left, 'skipped', trace);
    await moveOn(transaction, moves);
    return { pipelines: claimed.length, queued: [...queued], skipped: skipped.size };
  });
}

interface ClaimedSchedule {
  readonly pipeline_id: string;
  readonly definition: unknown;
  readonly handled_until: Date;
  readonly next_due_at: Date | null;
  readonly now: Date;
}

/**
 * Locks due schedules and their pipelines, the pipelines first. A change of a pipeline locks in the same order, so it
 * waits for this transaction instead of a deadlock; a pipeline that is being changed is passed over until the next time.
 */
function claimDue(transaction: Transaction<Database>, clock: RawBuilder<Date>): Promise<ClaimedSchedule[]> {
  return (
    transaction
      .selectFrom('schedules')
      .innerJoin('pipelines', 'pipelines.pipeline_id', 'schedules.pipeline_id')
      .select(['schedules.pipeline_id', 'pipelines.definition', 'schedules.handled_until', 'schedules.next_due_at'])
      .select(clock.as('now'))
      .where('pipelines.status', '=', 'active')
      .where((where) => where.or([where('next_due_at', 'is', null), where('next_due_at', '<=', clock)]))
      .orderBy('next_due_at', (order) => order.asc().nullsFirst())
      .limit(MAX_PIPELINES)
      // As text, because Kysely puts SKIP LOCKED at the end of the statement, after both clauses.
      .modifyEnd(sql`for share of pipelines skip locked for update of schedules skip locked`)
      .execute()
  );
}

interface PlannedRow {
  readonly execution_id: string;
  readonly pipeline_id: string;
  readonly ticker: string;
  readonly due_at: Date;
}

interface Move {
  readonly pipeline_id: string;
  readonly handled_until: Date;
  readonly next_due_at: Date | 'infinity';
  readonly executions: readonly PlannedRow[];
}

function planMove(row: ClaimedSchedule, log: Logger): Move {
  const { pipeline_id, handled_until, next_due_at: firstDue, now } = row;
  try {
    const { schedule, tickers } = parsePeriodic(row.definition);
    const due = findNewestDue(schedule, handled_until, now);
    const next_due_at = findNextDue(schedule, due ?? now) ?? 'infinity';
    if (!due) return { pipeline_id, handled_until, next_due_at, executions: [] };
    if (firstDue && firstDue < due)
      log.warn(
        { pipeline_id, first_missed: firstDue, due_at: due },
        'due times passed while no scheduler ran: starting only the newest',
      );
    return { pipeline_id, handled_until: due, next_due_at, executions: planDue(pipeline_id, tickers, due) };
  } catch (error) {
    log.error({ error, pipeline_id }, 'cannot read the schedule of the pipeline, so it never starts; correct it');
    return { pipeline_id, handled_until, next_due_at: 'infinity', executions: [] };
  }
}

/** @throws Error if this version does not understand the definition */
function parsePeriodic(definition: unknown): { schedule: Schedule; tickers: PipelineDefinition['tickers'] } {
  const { trigger, tickers } = pipelineSchema.parse(definition);
  if (trigger.mode !== 'periodic') throw new Error(`trigger.mode: expected periodic, got ${trigger.mode}`);
  return { schedule: trigger, tickers };
}

/** The id of an execution follows from pipeline, ticker and due time, so a due time has one execution for each ticker. */
function planDue(pipeline_id: string, tickers: readonly string[], due_at: Date): PlannedRow[] {
  return [...new Set(tickers)].map((ticker) => ({
    execution_id: executionId(`due ${due_at.toISOString()}`, pipeline_id, ticker),
    pipeline_id,
    ticker,
    due_at,
  }));
}

/**
 * Inserts executions and returns the ids of the inserted ones. With status `queued`, leaves out those whose pipeline is
 * already running for the ticker.
 */
async function insertDue(
  transaction: Transaction<Database>,
  rows: readonly PlannedRow[],
  status: Extract<ExecutionStatus, 'queued' | 'skipped'>,
  trace: TraceHeaders,
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const skipped = status === 'skipped';
  const columns = sql`planned(execution_id text, pipeline_id text, ticker text, due_at timestamptz)`;
  const inserted = await transaction
    .insertInto('executions')
    .columns([
      ...(['execution_id', 'pipeline_id', 'ticker', 'due_at'] as const),
      ...(['trigger_mode', 'status', 'trace', 'reason', 'finished_at'] as const),
    ])
    .expression((query) =>
      query
        .selectFrom(sql<PlannedRow>`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)`.as<'planned'>(columns))
        .select(['planned.execution_id', 'planned.pipeline_id', 'planned.ticker', 'planned.due_at'])
        .select([
          sql.lit('periodic').as('trigger_mode'),
          sql.lit(status).as('status'),
          sql<string>`${JSON.stringify(trace)}::jsonb`.as('trace'),
          sql<string | null>`${skipped ? SKIPPED_RUNNING : null}::text`.as('reason'),
          sql<Date | null>`case when ${skipped}::boolean then now() end`.as('finished_at'),
        ]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('execution_id')
    .execute();
  return new Set(inserted.map(({ execution_id }) => execution_id));
}

async function moveOn(transaction: Transaction<Database>, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const rows = moves.map(({ executions, ...schedule }) => schedule);
  const columns = sql`moved(pipeline_id text, handled_until timestamptz, next_due_at timestamptz)`;
  await transaction
    .updateTable('schedules')
    .from(sql<Omit<Move, 'executions'>>`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)`.as<'moved'>(columns))
    .set((row) => ({
      handled_until: row.ref('moved.handled_until'),
      next_due_at: sql<Date>`moved.next_due_at`,
    }))
    .whereRef('schedules.pipeline_id', '=', 'moved.pipeline_id')
    .execute();
}
