/** Faults in the work of the services, while every process and server is running. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LABEL_SETS } from '#catalogue/metrics.ts';
import { selectSeries, type Where } from '#catalogue/series.ts';
import { keepDoing } from '../../faults/heal.ts';
import { createPipelineByHand, createPipelineWithoutMarket, keepAsking, runTimes } from '../../faults/platform-api.ts';
import { leakMemory, restart, restartWith } from '../../faults/processes.ts';
import { inventSignalTypes, lockTable } from '../../faults/servers.ts';
import type { Drill, GameDay, Injected } from '../drill.ts';
import { LEAK_BYTES } from '../shorten-rules.ts';

const FAIL_EVERY_MS = 500;
const GOOD_RUNS = 4;
const BAD_RUNS = 12;
const USERS = 8;
/** Number of invented signal types: more label sets than a metric of the dispatcher keeps. */
const SIGNAL_TYPES = DEFAULT_LABEL_SETS + 100;

export const workDrills: readonly Drill[] = [
  {
    name: 'slow-burn',
    fault: `of ${GOOD_RUNS + BAD_RUNS} runs that an objective counts, ${BAD_RUNS} fail`,
    provokes: ['ObjectiveBurnsSlowly'],
    alongside: true,
    // Three quarters of the runs are bad, a burn rate of 1.5. The paging alert needs 1.8.
    objectives: ({ id }) => [
      {
        name: 'gameday-success',
        target: 50,
        window: '7d',
        indicator: { custom: countRuns([failingId(id), workingId(id)]) },
      },
    ],
    inject: spendErrorBudget,
  },
  {
    name: 'many-types',
    fault: `a generator writes an id into the type of its signals, ${SIGNAL_TYPES} of them`,
    provokes: ['LabelBudgetExceeded'],
    inject: inventTypes,
  },
  {
    name: 'failing-pipeline',
    fault: 'a pipeline is run twice a second whose ticker has no market',
    provokes: ['HighPipelineFailureRate'],
    inject: failPipeline,
  },
  {
    name: 'late-bars',
    fault: 'bars wait 12 s at a time for a lock on their table',
    provokes: ['HighMarketDataLag'],
    inject: async ({ stack }) => ({
      heal: await lockTable(stack.at().postgres, 'bars', { heldMs: 12_000, freeMs: 1_000 }),
    }),
  },
  {
    name: 'slow-database',
    fault: 'stages wait 25 s at a time for a lock on their table',
    provokes: ['HighPipelineLatency'],
    inject: async ({ stack }) => ({
      heal: await lockTable(stack.at().postgres, 'execution_stages', { heldMs: 25_000, freeMs: 1_000 }),
    }),
  },
  {
    name: 'busy-backend',
    fault: `${USERS} users ask the backend for the portfolio without a pause`,
    provokes: ['HighCPUUsage'],
    // the backend handles requests and bars in one event loop
    follows: ['HighMarketDataLag'],
    inject: keepBackendBusy,
  },
  {
    name: 'stuck-executions',
    fault: 'no stage can be stored: a transaction was forgotten that locks their table',
    provokes: ['ExecutionsStopped'],
    // executions that waited for the lock count as slow when they end
    follows: ['HighPipelineLatency'],
    inject: async ({ stack }) => ({ heal: await lockTable(stack.at().postgres, 'execution_stages') }),
  },
  {
    name: 'leaking-backend',
    fault: `the backend never gives back ${LEAK_BYTES / 1e6} MB`,
    provokes: ['HighMemoryUsage'],
    // the backend starts twice, which costs CPU, and bars wait meanwhile
    follows: ['HighCPUUsage', 'HighMarketDataLag'],
    inject: async ({ stack }) => ({ heal: await leakMemory(stack, 'backend', LEAK_BYTES) }),
  },
  {
    name: 'stuck-dispatcher',
    fault: 'no signal can be stored: a transaction was forgotten that locks their table',
    provokes: ['HighKafkaConsumerLag', 'DispatchStopped'],
    inject: async ({ stack }) => ({ heal: await lockTable(stack.at().postgres, 'signals') }),
  },
];

async function keepBackendBusy({ stack }: GameDay): Promise<Injected> {
  const limitRate = await restartWith(stack, 'backend', { API_RATE_LIMIT_PER_MINUTE: '1000000' });
  const leaveAlone = keepAsking(`${stack.at().api}/api/v1/portfolio`, USERS);
  return {
    async heal() {
      await leaveAlone();
      await limitRate();
    },
  };
}

/** Starts runs all the time. The backend refuses a run while the last one has not ended. */
async function failPipeline({ stack, id }: GameDay): Promise<Injected> {
  const failing = await createPipelineWithoutMarket(stack.at().api, `no-market-${id}`);
  const stopFailing = keepDoing(async (signal) => {
    await failing.run().catch(() => undefined);
    await sleep(FAIL_EVERY_MS, undefined, { signal }).catch(() => undefined);
  });
  return {
    heal: async () => {
      await stopFailing();
      await failing.remove();
    },
  };
}

async function inventTypes({ stack }: GameDay): Promise<Injected> {
  await inventSignalTypes(stack.at(), SIGNAL_TYPES);
  // a counter keeps its label sets until its process ends, so healing restarts the dispatcher
  return { heal: () => restart(stack, 'trigger-dispatcher') };
}

const failingId = (id: string) => `slow-burn-failing-${id}`;
const workingId = (id: string) => `slow-burn-working-${id}`;

function countRuns(pipelineIds: readonly string[]): object {
  const count = (where: Where<'pipeline_executions_total'>) => selectSeries('pipeline_executions_total', where);
  return { total: count({ pipeline_id: pipelineIds }), good: count({ pipeline_id: pipelineIds, status: 'success' }) };
}

/** Runs the good runs first, so that the share of bad runs only rises to its final value. */
async function spendErrorBudget({ stack, id }: GameDay): Promise<Injected> {
  const { api } = stack.at();
  const bad = await createPipelineWithoutMarket(api, failingId(id));
  const good = await createPipelineByHand(api, workingId(id), {
    tickers: ['GOOG'],
    stages: [{ agent: 'market-data' }],
  });
  await runTimes(good, GOOD_RUNS);
  await runTimes(bad, BAD_RUNS);
  return {
    heal: () => runTimes(good, 3 * BAD_RUNS),
    tidy: async () => {
      await bad.remove();
      await good.remove();
    },
  };
}
