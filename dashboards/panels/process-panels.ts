/** Panels about the processes: how much CPU and memory they use, how near they are to their limits, and whether they restart. */
import { alerts } from '#catalogue/alerts.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { failureSteps } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { buildLine, type Section } from '../layout.ts';
import { toServiceOfSeries } from '../onward.ts';
import * as processes from '../queries/processes.ts';

const cpuPanel = buildTimeSeries({
  title: 'CPU by service',
  description:
    'Cores that all replicas of a service use together. Compare with the rate of signals and executions: more CPU ' +
    'for the same work is a regression. A click narrows the dashboard to the service.',
  unit: 'short',
  queries: [{ ask: processes.cpuCores, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const memoryPanel = buildTimeSeries({
  title: 'Memory by service',
  description:
    'Resident memory of all replicas of a service together. A line that climbs for days, apart from restarts, is a ' +
    'leak. A click narrows the dashboard to the service.',
  unit: 'bytes',
  queries: [{ ask: processes.memoryBytes, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const cpuSharePanel = buildTimeSeries({
  title: 'CPU, share of the limit',
  description:
    'CPU of the busiest replica of a service, as a share of its limit. The dashed line is the default threshold of ' +
    'HighCPUUsage. A Node process uses little more than one core, whatever its limit.',
  unit: 'percentunit',
  queries: [{ ask: processes.cpuShare, legend: '{{job}}' }],
  limit: alerts.HighCPUUsage.threshold,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const memorySharePanel = buildTimeSeries({
  title: 'Memory, share of the limit',
  description:
    'Memory of the largest replica of a service, as a share of its limit; at the limit the kernel kills it. The ' +
    'dashed line is the default threshold of HighMemoryUsage.',
  unit: 'percentunit',
  queries: [{ ask: processes.memoryShare, legend: '{{job}}' }],
  limit: alerts.HighMemoryUsage.threshold,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const eventLoopPanel = buildTimeSeries({
  title: 'Event-loop delay P99',
  description:
    'How late the event loop of the slowest replica runs its timers; all work of the process is delayed by as much. ' +
    'About 10 ms is normal: the measurement is no finer. Above 100 ms, something computes or parses too much at once.',
  unit: 's',
  queries: [{ ask: processes.eventLoopDelay, legend: '{{job}}' }],
  limit: 0.1,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const restartsPanel = buildBars({
  title: 'Restarts',
  description:
    'Restarts of processes within the summary window, over all replicas of a service. A new pod of a rollout does ' +
    'not count. After more than one, look at the log before the last start, and at the memory.',
  unit: 'locale',
  query: { ask: processes.restarts, legend: '{{job}}' },
  steps: failureSteps,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const scrapeTimePanel = buildTimeSeries({
  title: 'Scrape duration',
  description:
    'Time that the slowest replica of a service took to answer Prometheus. It writes the answer in slices, so its ' +
    'work is not delayed. If the time nears the scrape interval, Prometheus gives up and reports the target as down.',
  unit: 's',
  queries: [{ ask: processes.scrapeSeconds, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const scrapeSizePanel = buildTimeSeries({
  title: 'Scrape size',
  description:
    'Size of the largest answer of a service to Prometheus, before compression. It grows with the number of ' +
    'pipelines and symbols, up to the label budget.',
  unit: 'bytes',
  queries: [{ ask: processes.scrapeBytes, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

const labelOverflowPanel = buildTimeSeries({
  title: 'Label budget exceeded',
  description:
    'Observations per second that are counted under the label value other, because their metric has reached its ' +
    'number of label sets. Raise METRICS_LABEL_SETS, or declare the pipelines that matter as TradingPipelines: those ' +
    'always keep their series.',
  unit: 'ops',
  queries: [{ ask: processes.labelOverflow, legend: '{{job}} {{metric}}' }],
  whenEmpty: 'Every label set has its own series',
  onward: toServiceOfSeries,
});

export const processSection: Section = {
  title: 'Processes',
  lines: [
    buildLine(8, [cpuPanel, 8], [memoryPanel, 8], [restartsPanel, 8]),
    buildLine(8, [cpuSharePanel, 8], [memorySharePanel, 8], [eventLoopPanel, 8]),
    buildLine(6, [scrapeTimePanel, 8], [scrapeSizePanel, 8], [labelOverflowPanel, 8]),
  ],
};
