/**
 * Checks that Prometheus has a scrape target for each service, that the target responds to scrapes, and that the
 * service's metrics have series. Pure.
 */
import { knownLabelSets, type MetricName, metricDefinition, metricsEmittedBy } from '#catalogue/metrics.ts';
import { isServiceName } from '#catalogue/services.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { labels } from '../../api/names.ts';
import type { Target, Targets } from '../../prometheus/http-api.ts';
import type { Answer, Patient, PrometheusFacts } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

export function checkTargets(patient: Patient, prometheus: PrometheusFacts): Finding[] {
  const { targets } = prometheus;
  if ('error' in targets)
    return [
      unknown(
        'noTarget',
        targets.error,
        'Pass the address of Prometheus itself, not of a proxy that only answers queries',
      ),
    ];
  const monitors = patient.desired.filter(({ kind }) => kind === 'ServiceMonitor');
  return monitors.flatMap((monitor) => checkMonitor(monitor, targets.value, prometheus));
}

function checkMonitor(monitor: KubeObject, targets: Targets, prometheus: PrometheusFacts): Finding[] {
  const pool = poolOf(monitor);
  const active = targets.activeTargets.filter(({ scrapePool }) => scrapePool.startsWith(pool));
  if (active.length === 0) return [noTarget(pool, targets, prometheus.scrapePools)];
  const judged = active.filter(({ health }) => health !== 'up').map(judgeTarget);
  const up = active.filter(({ health }) => health === 'up');
  const service = serviceOf(monitor);
  if (up.length === 0) return judged;
  const counted = ok('targetDown', `${service}: ${up.length} of ${active.length} targets up`);
  return [counted, ...judged, checkData(service, monitor.metadata.namespace ?? '', prometheus)];
}

/**
 * Returns the name that prometheus-operator gives the scrape job of a ServiceMonitor, without the number of the
 * endpoint at its end.
 */
function poolOf({ metadata }: KubeObject): string {
  return `serviceMonitor/${metadata.namespace}/${metadata.name}/`;
}

/** Returns the service of a ServiceMonitor. The name of a ServiceMonitor is `<TradingPipeline>.<service>`. */
function serviceOf({ metadata }: KubeObject): string {
  const pipeline = metadata.labels?.[labels.pipeline] ?? '';
  return metadata.name.slice(pipeline.length + 1);
}

function noTarget(pool: string, targets: Targets, pools: Answer<readonly string[]>): Finding {
  const name = pool.slice('serviceMonitor/'.length, -1);
  const dropped = Object.entries(targets.droppedTargetCounts ?? {}).filter(([one]) => one.startsWith(pool));
  const count = dropped.reduce((sum, [, number]) => sum + number, 0);
  if (count > 0)
    return wrong(
      'noTarget',
      `ServiceMonitor ${name}: Prometheus sees ${count} endpoints and drops them all, because none has the labels and the port that the monitor selects`,
      'Compare the labels of the Service and the name of its port with the resource: `kubectl describe svc`',
    );
  const isLoaded = 'value' in pools && pools.value.some((one) => one.startsWith(pool));
  if (isLoaded)
    return wrong(
      'noTarget',
      `ServiceMonitor ${name}: Prometheus has loaded it but finds no endpoint`,
      'Start the pods of the service. Check that the service account of Prometheus may list endpointslices in the namespace: its log says "forbidden" if it may not',
    );
  return wrong(
    'noTarget',
    `ServiceMonitor ${name}: not in the configuration of this Prometheus`,
    'Check that this Prometheus selects it, and wait a minute. The log of prometheus-operator says why it refuses a monitor',
  );
}

function judgeTarget({ scrapeUrl, lastError, health, labels: { job = '' } }: Target): Finding {
  if (health === 'unknown')
    return unknown(
      'targetDown',
      `${job}: ${scrapeUrl} has not been scraped yet`,
      'Run this again after one scrape interval',
    );
  if (/HTTP status 404/.test(lastError))
    return wrong(
      'endpointNotFound',
      `${job}: ${scrapeUrl} answers 404`,
      'The process serves its metrics elsewhere: set `path` of the service, or `port` if they are on another port',
    );
  return wrong(
    'targetDown',
    `${job}: ${scrapeUrl} is down: ${lastError}`,
    "Read the error. `refused`: no process listens on that port. `deadline`: the process is slow, or a NetworkPolicy drops the connection. Then look at the pod's log",
  );
}

function checkData(service: string, namespace: string, { metricsOf }: PrometheusFacts): Finding {
  const present = metricsOf.get(`${namespace}/${service}`) ?? { error: `the series of ${service} were not read` };
  if ('error' in present) return unknown('noData', present.error, 'Run this again');
  if (!isServiceName(service)) return checkForeignData(service, present.value);
  const emitted = metricsEmittedBy(service);
  const missing = emitted.filter((name) => !present.value.has(seriesOf(name)));
  const gone = missing.filter(isAlwaysThere);
  if (gone.length > 0)
    return wrong(
      'noData',
      `${service} is scraped, but ${gone.length} of its metrics have no series with job="${service}", namespace="${namespace}": ${gone.join(', ')}`,
      'Check that the service has the version of this program, and that no relabelling, sample limit or enforcedNamespaceLabel removes metrics or labels',
    );
  const later = missing.length > 0 ? `; ${missing.length} have no observation yet: ${missing.join(', ')}` : '';
  return ok(
    'noData',
    `${service}: ${emitted.length - missing.length} of ${emitted.length} metrics have series${later}`,
  );
}

/** Series that Prometheus adds for every scrape. If a target has no other series, its endpoint serves no metrics. */
const ofTheScrape = /^(up|scrape_.*)$/;

function checkForeignData(service: string, present: ReadonlySet<string>): Finding {
  const own = [...present].filter((name) => !ofTheScrape.test(name));
  if (own.length > 0) return ok('noData', `${service}: ${own.length} metrics have series`);
  return wrong(
    'noData',
    `${service} is scraped but has no metrics of its own`,
    'Open the address of the target: either the page is empty, or a relabelling drops every metric',
  );
}

/** Whether a metric has series before its first observation. Only counters with known label sets do, because they start at 0. */
function isAlwaysThere(name: MetricName): boolean {
  return metricDefinition(name).type === 'counter' && knownLabelSets(name).length > 0;
}

function seriesOf(name: MetricName): string {
  return metricDefinition(name).type === 'histogram' ? `${name}_count` : name;
}
