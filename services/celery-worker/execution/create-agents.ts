import type { Kysely } from 'kysely';
import { valueBeforeOrder } from '#platform/ledger.ts';
import { readBars, readNewestTimeframe } from '#platform/market-reader.ts';
import type { Database, ExecutionRow } from '#platform/schema.ts';
import type { AgentName } from '#trading/agents/agents.ts';
import { askBias, judgeBias } from '#trading/agents/bias.ts';
import { buildMarketData, LOOKBACK_BARS, type MarketBar } from '#trading/agents/market-data.ts';
import { assessRisk, refuseUnvalued } from '#trading/agents/risk-manager.ts';
import { askStrategy, decideStrategy } from '#trading/agents/strategy.ts';
import { manageTrade } from '#trading/agents/trade-manager.ts';
import { requireResult, type StageResult, type StageResults } from '#trading/executions/stages.ts';
import { startOfDay } from '#trading/limits.ts';
import { Exact } from '#trading/money.ts';
import type { TickerSignal } from '#trading/signals/signal.ts';
import type { BrokerOf } from '../brokers/open-brokers.ts';
import { type Advise, type Asker, byRule } from '../model/advise.ts';
import type { RunPipeline } from './execution-store.ts';

/** The input of a stage. */
export interface StageSubject {
  execution: ExecutionRow;
  pipeline: RunPipeline;
  /** The signal that started the execution; undefined if a user or a schedule started it. */
  signal: TickerSignal | undefined;
  /** Results of the stages before this one. */
  results: StageResults;
}

/**
 * Runs one agent: reads the agent's input and passes it to the agent's rule in trading/agents/. If the function throws,
 * the stage fails.
 */
type RunAgent = (subject: StageSubject) => Promise<StageResult>;
export type Agents = Readonly<Record<AgentName, RunAgent>>;

interface AgentOptions {
  db: Kysely<Database>;
  brokerOf: BrokerOf;
  clock: () => Date;
  feeBasisPoints: number;
  maxSignalAgeSeconds: number;
  /** Asks a model to decide. If absent, the rules of the agents decide. */
  advise?: Advise;
}

/**
 * Creates the agents. Each agent decides by a rule; for the agents `bias` and `strategy`, a model may decide instead.
 */
export function createAgents(options: AgentOptions): Agents {
  const { db, brokerOf, clock, feeBasisPoints, maxSignalAgeSeconds, advise = byRule } = options;
  return {
    'market-data': async ({ execution, pipeline, signal }) => {
      const timeframe = signal?.timeframe ?? (await chooseTimeframe(db, pipeline, execution.ticker));
      return buildMarketData(timeframe, await readLookback(db, execution.ticker, timeframe, signal), signal);
    },

    bias: async ({ execution, signal, results }) => {
      const { timeframe } = requireResult(results, 'market-data');
      const closes = (await readLookback(db, execution.ticker, timeframe, signal)).map((bar) => bar.close);
      const rule = judgeBias(closes);
      // With too few bars for indicators, a model knows no more than the rule.
      if (rule.indicators.rsi === null) return rule;
      return advise(rule, askBias({ ticker: execution.ticker, timeframe, closes }, rule), askerOf(execution));
    },

    strategy: async ({ execution, signal, results }) => {
      const rule = decideStrategy(signal, results.bias);
      return advise(rule, askStrategy(signal, results.bias, rule), askerOf(execution));
    },

    'risk-manager': async ({ execution, pipeline, signal, results }) => {
      const now = clock();
      const wish = {
        strategy: requireResult(results, 'strategy'),
        maxSignalAgeSeconds,
        ...(signal && { signalAgeSeconds: (now.getTime() - signal.generatedAt.getTime()) / 1_000 }),
      };
      const refusal = refuseUnvalued(wish);
      if (refusal) return refusal;
      const price = new Exact(requireResult(results, 'market-data').price);
      const query = { pipelineId: pipeline.pipelineId, symbol: execution.ticker, price, since: startOfDay(now) };
      const state = await valueBeforeOrder(db, query, { lock: false });
      return assessRisk({ ...wish, price, limits: pipeline.definition.risk, state, feeBasisPoints });
    },

    'trade-manager': async ({ execution, pipeline, results }) => {
      const subject = {
        executionId: execution.execution_id,
        pipelineId: pipeline.pipelineId,
        symbol: execution.ticker,
        limits: pipeline.definition.risk,
      };
      return manageTrade(brokerOf(pipeline.definition.mode), subject, requireResult(results, 'risk-manager'));
    },
  };
}

function askerOf({ execution_id: executionId, pipeline_id: pipelineId }: ExecutionRow): Asker {
  return { executionId, pipelineId };
}

/**
 * Chooses the timeframe of a run without a signal: the first one that the pipeline subscribes to, or else the timeframe
 * of the newest bar.
 */
async function chooseTimeframe(db: Kysely<Database>, { definition }: RunPipeline, ticker: string): Promise<string> {
  const { trigger } = definition;
  const subscribed =
    trigger.mode === 'signal' ? trigger.signals.find((signal) => signal.timeframe)?.timeframe : undefined;
  return subscribed ?? (await readNewestTimeframe(db, ticker)) ?? '1d';
}

/**
 * Reads the bars up to the bar of the signal. An execution that runs late must not use bars that came after its signal.
 */
function readLookback(
  db: Kysely<Database>,
  ticker: string,
  timeframe: string,
  signal: TickerSignal | undefined,
): Promise<MarketBar[]> {
  return readBars(db, { ticker, timeframe, until: signal?.barTime, limit: LOOKBACK_BARS });
}
