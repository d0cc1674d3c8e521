/** Faults of a trading desk: losses, expensive models, idle bots. */
import { resources } from '#controller/api/kube-object.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { editSpec } from '../../faults/api-server.ts';
import type { Heal } from '../../faults/heal.ts';
import { askApi, createPipelineOfSmallBudget } from '../../faults/platform-api.ts';
import { restartWith } from '../../faults/processes.ts';
import { withPostgres } from '../../observe/connect-postgres.ts';
import { queryNumber } from '../../observe/monitoring.ts';
import type { Drill, GameDay, Injected } from '../drill.ts';
import { DEAR_USD, setThreshold } from '../shorten-rules.ts';

const DEAR_MODEL = 'gpt-5';

export const tradingDrills: readonly Drill[] = [
  {
    name: 'dear-model',
    fault: `the agents ask ${DEAR_MODEL}, at twenty-five times the price`,
    provokes: ['HighLLMCostRate'],
    inject: askDearModel,
  },
  {
    name: 'spent-budget',
    fault: 'a pipeline whose model budget of the day is smaller than one call runs once',
    provokes: ['PipelineBudgetExhausted'],
    inject: spendBudget,
  },
  {
    name: 'idle-desk',
    fault: 'every trading pipeline is paused; one stays that waits for a ticker without a market',
    provokes: ['NoPipelineExecutions', 'NoActiveBotsRunning'],
    inject: pauseAll,
  },
  // this is the last drill, because it leaves a portfolio of one currency
  {
    name: 'losing-trades',
    fault:
      'the broker takes a fee of 10 %, and a pipeline without limits trades every signal with all the money there is',
    provokes: ['HighPortfolioDrawdown'],
    inject: loseMoney,
  },
];

/**
 * Uses an expensive model. The alert sums the costs of an hour, so it would keep firing for an hour. Healing therefore also
 * raises the threshold to its normal value.
 */
async function askDearModel({ stack }: GameDay): Promise<Injected> {
  const { prometheus, modelApi } = stack.at();
  const spent = (await queryNumber(prometheus, 'sum(increase(llm_cost_usd_total[1h]))')) ?? 0;
  const raiseLimit = await setThreshold(stack, 'HighLLMCostRate', Number((spent + DEAR_USD).toFixed(4)));
  const model = { MODEL_API_URL: modelApi, MODEL_NAME: DEAR_MODEL, MODEL_AGENTS: 'bias,strategy' };
  const askCheapModel = await restartWith(stack, 'celery-worker', model);
  return {
    heal: async () => {
      await askCheapModel();
      await raiseLimit();
    },
  };
}

async function loseMoney({ stack, id }: GameDay): Promise<Injected> {
  const { api, postgres } = stack.at();
  const pipeline_id = `reckless-${id}`;
  const lowerFee = await restartWith(stack, 'celery-worker', { PAPER_FEE_BPS: '1000' });
  await askApi(api, 'POST', '/pipelines', {
    pipeline_id,
    name: 'Reckless',
    trigger: { mode: 'signal', signals: [{ type: 'macd' }, { type: 'rsi' }, { type: 'bollinger' }] },
    tickers: ['EURUSD'],
    risk: { maxPositionUsd: 1_000_000, maxDailyLossUsd: 1_000_000, maxDrawdown: 1 },
  });
  return {
    heal: async () => {
      await askApi(api, 'DELETE', `/pipelines/${pipeline_id}`);
      await lowerFee();
      await deposit(api, postgres);
    },
  };
}

/** Pays money in until the portfolio is at its peak again, because earning the money back would take too long. */
async function deposit(api: string, postgres: string): Promise<void> {
  const { total_value_usd, peak_value_usd } = await askApi<{ total_value_usd: string; peak_value_usd: string }>(
    api,
    'GET',
    '/portfolio',
  );
  const payIn = 'update portfolio set cash_usd = cash_usd + $1::numeric - $2::numeric';
  await withPostgres(postgres, (client) => client.query(payIn, [peak_value_usd, total_value_usd]));
}

async function spendBudget({ stack, id }: GameDay): Promise<Injected> {
  const pipeline = await createPipelineOfSmallBudget(stack.at().api, `small-budget-${id}`);
  await pipeline.run();
  return { heal: () => pipeline.remove() };
}

async function pauseAll({ stack, id }: GameDay): Promise<Injected> {
  const { api } = stack.at();
  const watching = `watching-${id}`;
  await askApi(api, 'POST', '/pipelines', {
    pipeline_id: watching,
    name: 'Waits for a ticker without a market',
    trigger: { mode: 'signal', signals: [{ type: 'golden_cross' }] },
    tickers: ['NOPE'],
    stages: [{ agent: 'market-data' }, { agent: 'bias' }],
  });
  const { items } = await askApi<{ items: { pipeline_id: string; owner: string }[] }>(
    api,
    'GET',
    '/pipelines?status=active&limit=200',
  );
  const others = items.filter(({ pipeline_id, owner }) => pipeline_id !== watching && owner === 'api');
  const setAll = (action: 'pause' | 'resume') =>
    Promise.all(others.map(({ pipeline_id }) => askApi(api, 'POST', `/pipelines/${pipeline_id}/${action}`)));
  const resumeDeclared = await pauseDeclared(stack);
  await setAll('pause');
  return {
    heal: async () => {
      await setAll('resume');
      await resumeDeclared();
      await askApi(api, 'DELETE', `/pipelines/${watching}`);
    },
  };
}

/** Pauses the declared pipelines. A pipeline that a TradingPipeline declares must be paused in that resource. */
async function pauseDeclared(stack: GameDay['stack']): Promise<Heal> {
  const client = stack.kube();
  const { items } = await client.list<TradingPipeline>(resources.tradingPipeline);
  client.close();
  const declared = items.filter(({ spec }) => pipelineOf(spec));
  const pause = (spec: object) => ({ ...spec, pipeline: { ...pipelineOf(spec), paused: true } });
  const restores = await Promise.all(
    declared.map(({ metadata }) => editSpec(stack, resources.tradingPipeline, metadata, pause)),
  );
  return async () => {
    await Promise.all(restores.map((restore) => restore()));
  };
}

function pipelineOf(spec: unknown): object | undefined {
  return (spec as { pipeline?: object }).pipeline;
}
