import type { ColumnType, Generated, GeneratedAlways, Insertable, JSONColumnType, Selectable } from 'kysely';
import type { AgentName } from '#trading/agents/agents.ts';
import type { ExecutionStatus, TriggerMode } from '#trading/executions/execution.ts';
import type { PipelineDefinition } from '#trading/pipelines/pipeline.ts';
import type { Signal } from '#trading/signals/signal.ts';

/** A column that the application sets and Postgres defaults. */
type Time = ColumnType<Date, Date | string | undefined, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** numeric: exact, a string on this side; hand it to decimal.js, never to Number, before adding. */
type Money = ColumnType<string, string | number, string | number>;
type Json<T> = ColumnType<T, string, string>;

export interface PipelinesTable {
  pipeline_id: string;
  name: string;
  /** Who may change it: `api` users, or the `cluster` that declares it. */
  owner: Generated<'api' | 'cluster'>;
  definition: Json<PipelineDefinition>;
  status: Generated<'active' | 'paused' | 'deleted'>;
  created_at: Time;
  updated_at: Time;
}

export interface SignalsTable {
  signal_id: string;
  signal_type: string;
  source: string;
  timeframe: string;
  signal: Json<Signal>;
  generated_at: Time;
  stored_at: Time;
  /** Pipelines matched, of which enqueued and skipped (a pipeline was running for the ticker). */
  matched: number;
  enqueued: number;
  skipped: number;
  outcome: 'matched' | 'skipped' | 'unmatched';
}

export interface ExecutionsTable {
  execution_id: string;
  pipeline_id: string;
  ticker: string;
  /** Null for a manual run. */
  signal_id: string | null;
  trigger_mode: TriggerMode;
  status: ExecutionStatus;
  /** Why it failed or was skipped. */
  reason: string | null;
  /** W3C trace context of what started it. */
  trace: JSONColumnType<Record<string, string>, string, string>;
  cost_usd: Money;
  created_at: Time;
  started_at: NullableTime;
  finished_at: NullableTime;
}

export interface ExecutionStagesTable {
  execution_id: string;
  position: number;
  agent: AgentName;
  status: 'success' | 'failed';
  result: Json<Record<string, unknown>>;
  duration_seconds: number;
  cost_usd: Money;
  finished_at: Time;
}

/** One question to a language model. */
export interface ModelCallsTable {
  call_id: GeneratedAlways<string>;
  execution_id: string;
  pipeline_id: string;
  agent: AgentName;
  model: string;
  /** `calling` until its end is stored; for ever, when its worker died. */
  status: Generated<'calling' | 'success' | 'error'>;
  input_tokens: number | null;
  output_tokens: number | null;
  /** What it cost; what it can cost at most, as long as nobody knows. */
  cost_usd: Money;
  started_at: Time;
  finished_at: NullableTime;
}

export interface OrdersTable {
  /** Derived from the execution: a second try is the same order. */
  client_order_id: string;
  execution_id: string;
  pipeline_id: string;
  symbol: string;
  side: 'buy' | 'sell';
  quantity: Money;
  price: Money;
  fee_usd: Money;
  /** Of a sale: what it brought above the cost of the position. */
  realised_pnl_usd: Money;
  status: 'filled' | 'rejected';
  reason: string | null;
  mode: 'paper' | 'live';
  created_at: Time;
}

export interface PositionsTable {
  pipeline_id: string;
  symbol: string;
  /** Never negative: there is no short selling. */
  quantity: Money;
  average_price: Money;
  realised_pnl_usd: Money;
  updated_at: Time;
}

/** One row. */
export interface PortfolioTable {
  portfolio_id: Generated<number>;
  cash_usd: Money;
  /** Highest total value seen: what the drawdown is measured from. */
  peak_value_usd: Money;
  updated_at: Time;
}

export interface BarsTable {
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
export type NewExecution = Insertable<ExecutionsTable>;
export type ModelCallRow = Selectable<ModelCallsTable>;
export type OrderRow = Selectable<OrdersTable>;
export type PositionRow = Selectable<PositionsTable>;
