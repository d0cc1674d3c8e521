/** Faults of what the services do, while every process and server is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { askApi } from '../../faults/ask-api.ts';
import { type Heal, keepDoing } from '../../faults/heal.ts';
import { keepAsking } from '../../faults/keep-asking.ts';
import { leakMemory } from '../../faults/leak-memory.ts';
import { lockTable } from '../../faults/lock-table.ts';
import { createPipelineWithoutMarket } from '../../faults/run-without-market.ts';
import { restartWith } from '../../faults/stop-process.ts';
import type { Drill, GameDay, Injected } from '../drill.ts';
import { LEAK_BYTES } from '../shorten-rules.ts';

const FAIL_EVERY_MS = 500;
const WORK_EVERY_MS = 50;
const USERS = 8;

export const workDrills: readonly Drill[] = [
  {
    name: 'failing-pipeline',
    fault: 'a pipeline is run twice a second whose ticker has no market',
    provokes: ['HighPipelineFailureRate', 'ObjectiveBurnsSlowly'],
    // All of its events fail until it is healed: twice the budget, of which 3x and 6x cannot be.
    objectives: ({ id }) => [
      {
        name: 'gameday-success',
        target: 50,
        window: '7d',
        indicator: { custom: countRuns([noMarket(id), byHand(id)]) },
      },
    ],
    inject: failPipeline,
  },
  {
    name: 'busy-backend',
    fault: `${USERS} users ask the backend for the portfolio without a pause`,
    provokes: ['HighCPUUsage'],
    // it shares its event loop with the bars it stores
    follows: ['HighMarketDataLag'],
    inject: keepBackendBusy,
  },
  {
    name: 'leaking-backend',
    fault: `the backend never gives back ${LEAK_BYTES / 1e6} MB`,
    provokes: ['HighMemoryUsage'],
    // the backend starts twice: that costs CPU, and its bars wait meanwhile
    follows: ['HighCPUUsage', 'HighMarketDataLag'],
    inject: async ({ stack }) => ({ heal: await leakMemory(stack, 'backend', LEAK_BYTES) }),
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
    name: 'stuck-executions',
    fault: 'no stage can be stored: a transaction was forgotten that locks their table',
    provokes: ['ExecutionsStopped'],
    // those that waited were slow, when they end
    follows: ['HighPipelineLatency'],
    inject: async ({ stack }) => ({ heal: await lockTable(stack.at().postgres, 'execution_stages') }),
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

const noMarket = (id: string) => `no-market-${id}`;
const byHand = (id: string) => `by-hand-${id}`;

function countRuns(pipelineIds: readonly string[]): object {
  const total = `pipeline_executions_total{pipeline_id=~"${pipelineIds.join('|')}"}`;
  return { total, good: total.replace('}', ',status="success"}') };
}

/** Healed, a pipeline runs that works, so that the objective has good events again. */
async function failPipeline({ stack, id }: GameDay): Promise<Injected> {
  const { api } = stack.at();
  const failing = await createPipelineWithoutMarket(api, noMarket(id));
  const stopFailing = keepRunning(failing.run, FAIL_EVERY_MS);
  let stopWorking: Heal | undefined;
  return {
    async heal() {
      await stopFailing();
      await failing.remove();
      const trigger = { mode: 'manual' };
      await askApi(api, 'POST', '/pipelines', {
        pipeline_id: byHand(id),
        name: 'By hand',
        trigger,
        tickers: ['BTCUSD'],
      });
      stopWorking = keepRunning(() => askApi(api, 'POST', `/pipelines/${byHand(id)}/run`, {}), WORK_EVERY_MS);
    },
    async tidy() {
      await stopWorking?.();
      await askApi(api, 'DELETE', `/pipelines/${byHand(id)}`);
    },
  };
}

/** A run is refused while the one before has not ended. */
function keepRunning(run: () => Promise<unknown>, everyMs: number): Heal {
  return keepDoing(async (signal) => {
    await run().catch(() => undefined);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  });
}
