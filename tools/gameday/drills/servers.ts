/** Faults of servers and processes that are stopped. */
import { stopProcess } from '../../faults/processes.ts';
import type { Drill } from '../drill.ts';

/**
 * A burn rate of 6 means 60 % failures, because the objective's target is 90 %. The ticket alert is off, because it
 * looks back for hours, which is too long for a game day.
 */
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
    // No signal is dispatched or executed, and waiting signals are processed late.
    follows: ['DispatchStopped', 'HighKafkaConsumerLag', 'HighMarketDataLag', 'NoPipelineExecutions'],
    objectives: () => [publishObjective],
    inject: async ({ stack }) => ({ heal: await stopProcess(stack, 'kafka') }),
  },
  {
    name: 'redis-away',
    fault: 'Redis is stopped',
    provokes: ['HighRedisErrorRate'],
    // nothing can be enqueued, so nothing runs
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
