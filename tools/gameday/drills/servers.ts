/** Faults of the servers and processes: what is there no more. */
import { stopProcess } from '../../faults/processes.ts';
import type { Drill } from '../drill.ts';

/** 6x is 60 % failures; it begins with the fault. Its ticket looks back for hours, which a day does not await. */
const publishObjective = {
  name: 'gameday-publish',
  target: 90,
  window: '7d',
  indicator: { publishSuccess: {} },
  alerting: { ticket: { enabled: false } },
};

export const serverDrills: readonly Drill[] = [
  {
    name: 'kafka-away',
    fault: 'Kafka is stopped',
    provokes: ['KafkaPublishFailures', 'MarketDataStopped', 'SignalGenerationStopped', 'ObjectiveBurnsFast'],
    // Nothing comes to be dispatched or executed, and what waited comes late.
    follows: ['DispatchStopped', 'HighKafkaConsumerLag', 'HighMarketDataLag', 'NoPipelineExecutions'],
    objectives: () => [publishObjective],
    inject: async ({ stack }) => ({ heal: await stopProcess(stack, 'kafka') }),
  },
  {
    name: 'redis-away',
    fault: 'Redis is stopped',
    provokes: ['HighRedisErrorRate'],
    // nothing can be enqueued, and so nothing runs
    follows: ['ExecutionsStopped', 'DispatchStopped', 'HighKafkaConsumerLag', 'NoPipelineExecutions'],
    inject: async ({ stack }) => ({ heal: await stopProcess(stack, 'redis') }),
  },
  {
    name: 'dispatcher-down',
    fault: 'the trigger-dispatcher is stopped',
    provokes: ['ServiceDown'],
    inject: async ({ stack }) => ({ heal: await stopProcess(stack, 'trigger-dispatcher') }),
  },
];
