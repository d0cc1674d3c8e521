import type { ColumnType, Generated, GeneratedAlways, JSONColumnType, Selectable } from 'kysely';
import type { AgentName } from '#trading/agents/agents.ts';
import type { ExecutionStatus, SignalOutcome, StageStatus, TriggerMode } from '#trading/executions/execution.ts';
import type { CallStatus } from '#trading/models/question.ts';
import type { OrderSide, OrderStatus, TradingMode } from '#trading/orders/order.ts';
import type { PipelineDefinition } from '#trading/pipelines/pipeline.ts';
import type { PipelineOwner, PipelineStatus } from '#trading/pipelines/pipeline-status.ts';
import type { Signal } from '#trading/signals/signal.ts';

/** A timestamp that Postgres sets if the application does not. */
type Time = ColumnType<Date, Date | string | undefined, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** A column of the type numeric: an exact decimal, read as a string. Calculate with Exact, never with Number. */
type Money = ColumnType<string, string | number, string | number>;
type Json<T> = ColumnType<T, string, string>;

export interface PipelinesTable {
  pipeline_id: string;
  name: string;
  /**
   * Who may change the pipeline. `api`: users of the API. `cluster`: only the TradingPipeline that declares the
   * pipeline.
   */
  owner: Generated<PipelineOwner>;
  definition: Json<PipelineDefinition>;
  /** Room that the definition takes in the dispatcher's index. */
  index_entries: Generated<number>;
  status: Generated<PipelineStatus>;
  created_at: Time;
  updated_at: Time;
}

interface SignalsTable {
  signal_id: string;
  signal_type: string;
  source: string;
  timeframe: string;
  signal: Json<Signal>;
  generated_at: Time;
  stored_at: Time;
  /**
   * Number of matches: `enqueued` + `skipped`. A match is skipped if its pipeline was already running for the ticker.
   */
  matched: number;
  enqueued: number;
  skipped: number;
  outcome: SignalOutcome;
}

interface ExecutionsTable {
  execution_id: string;
  pipeline_id: string;
  ticker: string;
  /** Id of the signal that started the execution; null if a user or a schedule started it. */
  signal_id: string | null;
  trigger_mode: TriggerMode;
  status: ExecutionStatus;
  /** Why the execution failed or was skipped; null otherwise. */
  reason: string | null;
  /** W3C trace context of the signal or the request that started the execution. */
  trace: JSONColumnType<Record<string, string>, string, string>;
  cost_usd: Money;
  created_at: Time;
  started_at: NullableTime;
  finished_at: NullableTime;
  /** The time at which a schedule made the execution due; null if no schedule started it. */
  due_at: NullableTime;
}

/**
 * One row for each active pipeline with a schedule. A trigger of Postgres adds, resets and removes the rows when pipelines
 * change; the scheduler of trigger-dispatcher moves them on.
 */
interface SchedulesTable {
  pipeline_id: string;
  /** Due times up to this time are handled. At first, when the pipeline was created, resumed or given its schedule. */
  handled_until: Time;
  /** The first due time that is not handled; null until the scheduler has found it, infinity if it cannot. */
  next_due_at: NullableTime;
}

export interface ExecutionStagesTable {
  execution_id: string;
  position: number;
  agent: AgentName;
  status: StageStatus;
  result: Json<Record<string, unknown>>;
  duration_seconds: number;
  cost_usd: Money;
  finished_at: Time;
}

/** One row for each call of a language model. */
interface ModelCallsTable {
  call_id: GeneratedAlways<string>;
  execution_id: string;
  pipeline_id: string;
  agent: AgentName;
  model: string;
  /** `calling` until the outcome of the call is stored. If the worker dies first, it stays `calling`. */
  status: Generated<CallStatus>;
  input_tokens: number | null;
  output_tokens: number | null;
  /** Cost of the call. Until it is known, the maximum cost of the call. */
  cost_usd: Money;
  started_at: Time;
  finished_at: NullableTime;
}

interface OrdersTable {
  /** Derived from the execution id, so that a retry produces the same order. */
  client_order_id: string;
  execution_id: string;
  pipeline_id: string;
  symbol: string;
  side: OrderSide;
  quantity: Money;
  price: Money;
  fee_usd: Money;
  /** Proceeds of a sale, less its fee and the cost of the sold position; 0 for a purchase. */
  realised_pnl_usd: Money;
  status: OrderStatus;
  reason: string | null;
  mode: TradingMode;
  created_at: Time;
}

interface PositionsTable {
  pipeline_id: string;
  symbol: string;
  /** Never negative, because there is no short selling. */
  quantity: Money;
  average_price: Money;
  realised_pnl_usd: Money;
  updated_at: Time;
}

/** A table of one row. */
interface PortfolioTable {
  portfolio_id: Generated<number>;
  cash_usd: Money;
  /** Highest total value of the portfolio so far. The drawdown is measured from this value. */
  peak_value_usd: Money;
  updated_at: Time;
}

interface BarsTable {
  symbol: string;
  timeframe: string;
  open_time: Time;
  source: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface Database {
  pipelines: PipelinesTable;
  signals: SignalsTable;
  executions: ExecutionsTable;
  schedules: SchedulesTable;
  execution_stages: ExecutionStagesTable;
  model_calls: ModelCallsTable;
  orders: OrdersTable;
  positions: PositionsTable;
  portfolio: PortfolioTable;
  bars: BarsTable;
}

export type PipelineRow = Selectable<PipelinesTable>;
export type SignalRow = Selectable<SignalsTable>;
export type ExecutionRow = Selectable<ExecutionsTable>;
export type ModelCallRow = Selectable<ModelCallsTable>;
export type OrderRow = Selectable<OrdersTable>;
export type PositionRow = Selectable<PositionsTable>;
