import type { Kysely } from 'kysely';
import { readRiskState } from '#platform/ledger.ts';
import { readBars, readNewestTimeframe } from '#platform/market-reader.ts';
import type { Database, ExecutionRow } from '#platform/schema.ts';
import type { AgentName } from '#trading/agents/agents.ts';
import { judgeBias } from '#trading/agents/bias.ts';
import { buildMarketData, LOOKBACK_BARS, type MarketBar } from '#trading/agents/market-data.ts';
import { assessRisk } from '#trading/agents/risk-manager.ts';
import { decideStrategy } from '#trading/agents/strategy.ts';
import { manageTrade } from '#trading/agents/trade-manager.ts';
import { requireResult, type StageResult, type StageResults } from '#trading/executions/stages.ts';
import { askBias, askStrategy } from '#trading/models/agent-questions.ts';
import { Exact } from '#trading/money.ts';
import type { Broker } from '#trading/orders/broker.ts';
import type { TickerSignal } from '#trading/signals/ticker-signal.ts';
import { startOfDay } from '#trading/start-of-day.ts';
import { type Advise, byRule } from '../model/advise.ts';
import type { Asker } from '../model/ask-model.ts';
import type { RunPipeline } from './execution-store.ts';

/** What a stage works on. */
export interface StageSubject {
  execution: ExecutionRow;
  pipeline: RunPipeline;
  /** Absent in a run that no signal started. */
  signal: TickerSignal | undefined;
  /** Of the stages before it. */
  results: StageResults;
}

/** Runs one agent: reads what it needs and hands it to the pure part in domain/agents. What it throws fails the stage. */
export type RunAgent = (subject: StageSubject) => Promise<StageResult>;
export type Agents = Readonly<Record<AgentName, RunAgent>>;

export interface AgentOptions {
  db: Kysely<Database>;
  broker: Broker;
  clock: () => Date;
  feeBasisPoints: number;
  maxSignalAgeSeconds: number;
  /** Asks a model; the rules decide when absent. */
  advise?: Advise;
}

/** Each agent is a rule; bias and strategy may have a model decide in its place. */
export function createAgents(options: AgentOptions): Agents {
  const { db, broker, clock, feeBasisPoints, maxSignalAgeSeconds, advise = byRule } = options;
  return {
    'market-data': async ({ execution, pipeline, signal }) => {
      const timeframe = signal?.timeframe ?? (await chooseTimeframe(db, pipeline, execution.ticker));
      return buildMarketData(timeframe, await readLookback(db, execution.ticker, timeframe, signal), signal);
    },

    bias: async ({ execution, signal, results }) => {
      const { timeframe } = requireResult(results, 'market-data');
      const closes = (await readLookback(db, execution.ticker, timeframe, signal)).map((bar) => bar.close);
      const rule = judgeBias(closes);
      // Too few bars to judge by: no model knows more.
      if (rule.indicators.rsi === null) return rule;
      return advise(rule, askBias({ ticker: execution.ticker, timeframe, closes }, rule), askerOf(execution));
    },

    strategy: async ({ execution, signal, results }) => {
      const rule = decideStrategy(signal, results.bias);
      return advise(rule, askStrategy(signal, results.bias, rule), askerOf(execution));
    },

    'risk-manager': async ({ execution, pipeline, signal, results }) => {
      const now = clock();
      const price = new Exact(requireResult(results, 'market-data').price);
      const query = { pipelineId: pipeline.pipelineId, symbol: execution.ticker, price, since: startOfDay(now) };
      return assessRisk({
        strategy: requireResult(results, 'strategy'),
        price,
        limits: pipeline.definition.risk,
        state: await readRiskState(db, query, { lock: false }),
        feeBasisPoints,
        maxSignalAgeSeconds,
        ...(signal && { signalAgeSeconds: (now.getTime() - signal.generatedAt.getTime()) / 1_000 }),
      });
    },

    'trade-manager': ({ execution, pipeline, results }) => {
      const subject = {
        executionId: execution.execution_id,
        pipelineId: pipeline.pipelineId,
        symbol: execution.ticker,
        limits: pipeline.definition.risk,
      };
      return manageTrade(broker, subject, requireResult(results, 'risk-manager'));
    },
  };
}

function askerOf({ execution_id: executionId, pipeline_id: pipelineId }: ExecutionRow): Asker {
  return { executionId, pipelineId };
}

/** Without a signal: the timeframe the pipeline subscribes to first, else that of the ticker's newest bar. */
async function chooseTimeframe(db: Kysely<Database>, { definition }: RunPipeline, ticker: string): Promise<string> {
  const { trigger } = definition;
  const subscribed =
    trigger.mode === 'signal' ? trigger.signals.find((signal) => signal.timeframe)?.timeframe : undefined;
  return subscribed ?? (await readNewestTimeframe(db, ticker)) ?? '1d';
}

/** Never a bar after the one that made the signal: an execution that runs late must not see what came later. */
function readLookback(
  db: Kysely<Database>,
  ticker: string,
  timeframe: string,
  signal: TickerSignal | undefined,
): Promise<MarketBar[]> {
  return readBars(db, { ticker, timeframe, until: signal?.barTime, limit: LOOKBACK_BARS });
}
