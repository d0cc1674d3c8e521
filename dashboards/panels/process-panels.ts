import { alerts } from '#catalogue/alerts.ts';
import { buildBars } from '../kinds/bar-gauge.ts';
import { failureSteps } from '../kinds/thresholds.ts';
import { buildTimeSeries } from '../kinds/time-series.ts';
import { toServiceOfSeries } from '../onward.ts';
import * as processes from '../queries/processes.ts';

/** What the processes use, how near they are to their limits, and whether they stay up. */
export const cpuPanel = buildTimeSeries({
  title: 'CPU by service',
  description:
    'Cores that all replicas of a service use together. Against the rate of signals and executions: more CPU for the same ' +
    'work is a regression. A click narrows the dashboard to the service.',
  unit: 'short',
  queries: [{ ask: processes.cpuCores, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const memoryPanel = buildTimeSeries({
  title: 'Memory by service',
  description:
    'Resident memory of all replicas of a service together. A line that only climbs, over days and restarts apart: a leak. A ' +
    'click narrows the dashboard to the service.',
  unit: 'bytes',
  queries: [{ ask: processes.memoryBytes, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const cpuSharePanel = buildTimeSeries({
  title: 'CPU, share of the limit',
  description:
    'How near the busiest replica of a service is to its CPU limit. The dashed line is the default threshold of HighCPUUsage; ' +
    'a Node process uses little more than one core, whatever its limit.',
  unit: 'percentunit',
  queries: [{ ask: processes.cpuShare, legend: '{{job}}' }],
  limit: alerts.HighCPUUsage.threshold,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const memorySharePanel = buildTimeSeries({
  title: 'Memory, share of the limit',
  description:
    'How near the largest replica of a service is to its memory limit, where the kernel kills it. The dashed line is the ' +
    'default threshold of HighMemoryUsage.',
  unit: 'percentunit',
  queries: [{ ask: processes.memoryShare, legend: '{{job}}' }],
  limit: alerts.HighMemoryUsage.threshold,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const eventLoopPanel = buildTimeSeries({
  title: 'Event-loop delay P99',
  description:
    'How late the event loop of the slowest replica was for its timers: all that a process does waits this long. About 10 ms is ' +
    'rest, the grain of the measure; above 100 ms something computes or parses too much at once.',
  unit: 's',
  queries: [{ ask: processes.eventLoopDelay, legend: '{{job}}' }],
  limit: 0.1,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const restartsPanel = buildBars({
  title: 'Restarts',
  description:
    'Starts of a process in its place within the summary window, replicas together. A new pod of a rollout is no restart. More ' +
    'than one: look at the log before the last start, and at the memory.',
  unit: 'locale',
  query: { ask: processes.restarts, legend: '{{job}}' },
  steps: failureSteps,
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const scrapeTimePanel = buildTimeSeries({
  title: 'Scrape duration',
  description:
    'How long the slowest replica of a service took to answer Prometheus. It writes in slices, so this is no delay of its ' +
    'work; near the scrape interval Prometheus gives up and the target looks down.',
  unit: 's',
  queries: [{ ask: processes.scrapeSeconds, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const scrapeSizePanel = buildTimeSeries({
  title: 'Scrape size',
  description:
    'Bytes of the largest answer of a service before compression: what Prometheus reads each interval. It grows with ' +
    'pipelines and symbols up to the label budget, and no further.',
  unit: 'bytes',
  queries: [{ ask: processes.scrapeBytes, legend: '{{job}}' }],
  whenEmpty: 'No process is scraped',
  onward: toServiceOfSeries,
});

export const labelOverflowPanel = buildTimeSeries({
  title: 'Label budget exceeded',
  description:
    'Observations a second that are counted under other, because their metric has its most label sets already. Raise ' +
    'METRICS_LABEL_SETS, or declare the pipelines that matter as TradingPipelines: those always keep their series.',
  unit: 'ops',
  queries: [{ ask: processes.labelOverflow, legend: '{{job}} {{metric}}' }],
  whenEmpty: 'Every label set has its own series',
  onward: toServiceOfSeries,
});
