import { buildLine, type Section } from './layout.ts';
import * as dispatch from './panels/dispatch-panels.ts';
import * as executions from './panels/execution-panels.ts';
import * as processes from './panels/process-panels.ts';
import { consumerLagPanel, offsetPanel } from './panels/signal-panels.ts';
import * as stores from './panels/store-panels.ts';

/** Infrastructure: processes, Postgres, Redis and Kafka, and how far each is from its limits. */
export const infrastructure: readonly Section[] = [
  {
    title: 'Processes',
    lines: [
      buildLine(8, [processes.cpuPanel, 8], [processes.memoryPanel, 8], [processes.restartsPanel, 8]),
      buildLine(8, [processes.cpuSharePanel, 8], [processes.memorySharePanel, 8], [processes.eventLoopPanel, 8]),
      buildLine(6, [processes.scrapeTimePanel, 8], [processes.scrapeSizePanel, 8], [processes.labelOverflowPanel, 8]),
    ],
  },
  {
    title: 'Postgres',
    lines: [
      buildLine(8, [stores.poolPanel, 8], [stores.queryRatePanel, 8], [stores.queryErrorPanel, 8]),
      buildLine(8, [stores.queryHistogramPanel, 12], [stores.slowestTablesPanel, 12]),
      buildLine(8, [stores.queryDurationPanel, 12], [stores.queryKindPanel, 12]),
    ],
  },
  {
    title: 'Redis and the job queue',
    lines: [
      buildLine(
        8,
        [stores.redisRatePanel, 5],
        [stores.redisSuccessPanel, 5],
        [stores.redisDurationPanel, 7],
        [stores.redisErrorsPanel, 7],
      ),
      buildLine(
        8,
        [executions.runningJobsPanel, 3],
        [executions.queueDepthPanel, 7],
        [executions.jobRatePanel, 7],
        [executions.jobDurationPanel, 7],
      ),
    ],
  },
  {
    title: 'Kafka and the dispatcher',
    lines: [
      buildLine(8, [offsetPanel, 8], [consumerLagPanel, 8], [dispatch.batchDurationPanel, 8]),
      buildLine(6, [dispatch.indexedPipelinesPanel, 6], [dispatch.indexSizePanel, 6], [dispatch.refreshPanel, 12]),
    ],
  },
];
