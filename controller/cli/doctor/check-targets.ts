/** Does Prometheus have a target for each service, does it answer, and is there data? Pure. */
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
        'Give the address of the Prometheus itself, not of one that only answers queries',
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

/** prometheus-operator's name of a scrape job, before the number of the endpoint. */
function poolOf({ metadata }: KubeObject): string {
  return `serviceMonitor/${metadata.namespace}/${metadata.name}/`;
}

/** A monitor is named after the resource and, behind the dot, the service. */
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
      `ServiceMonitor ${name}: Prometheus sees ${count} endpoints and drops them all: none has the labels and the port of the monitor`,
      'Compare the labels of the Service and the name of its port with the resource: `kubectl describe svc`',
    );
  const isLoaded = 'value' in pools && pools.value.some((one) => one.startsWith(pool));
  if (isLoaded)
    return wrong(
      'noTarget',
      `ServiceMonitor ${name}: Prometheus has loaded it and finds no endpoint at all`,
      'Start the pods of the service; and see that the service account of Prometheus may list endpointslices there: its log says "forbidden" where not',
    );
  return wrong(
    'noTarget',
    `ServiceMonitor ${name}: not in the configuration of this Prometheus`,
    'Is it selected, and is this the Prometheus that selects it? Then wait a minute; the log of prometheus-operator says what keeps it',
  );
}

function judgeTarget({ scrapeUrl, lastError, health, labels: { job = '' } }: Target): Finding {
  if (health === 'unknown')
    return unknown(
      'targetDown',
      `${job}: ${scrapeUrl} has not been scraped yet`,
      'Ask again after one scrape interval',
    );
  if (/HTTP status 404/.test(lastError))
    return wrong(
      'endpointNotFound',
      `${job}: ${scrapeUrl} answers 404`,
      'The process serves its metrics elsewhere: set `path` of the service, or `port` where another port is scraped',
    );
  return wrong(
    'targetDown',
    `${job}: ${scrapeUrl} is down: ${lastError}`,
    'Read the error: refused means nothing listens on that port, deadline that it is slow or a NetworkPolicy is in the way; see the pod and its log',
  );
}

function checkData(service: string, namespace: string, { metricsOf }: PrometheusFacts): Finding {
  const present = metricsOf.get(`${namespace}/${service}`) ?? { error: `the series of ${service} were not asked for` };
  if ('error' in present) return unknown('noData', present.error, 'Ask Prometheus again');
  if (!isServiceName(service)) return checkForeignData(service, present.value);
  const emitted = metricsEmittedBy(service);
  const missing = emitted.filter((name) => !present.value.has(seriesOf(name)));
  const gone = missing.filter(isAlwaysThere);
  if (gone.length > 0)
    return wrong(
      'noData',
      `${service} is scraped, and ${gone.length} of its metrics have no series with job="${service}", namespace="${namespace}": ${gone.join(', ')}`,
      'Is it this version of the service? Does a relabelling, a sample limit or enforcedNamespaceLabel take metrics or labels away?',
    );
  const later = missing.length > 0 ? `; ${missing.length} have had nothing to say yet: ${missing.join(', ')}` : '';
  return ok(
    'noData',
    `${service}: ${emitted.length - missing.length} of ${emitted.length} metrics have series${later}`,
  );
}

/** Only what Prometheus makes of a scrape: the endpoint answers, and says nothing. */
const ofTheScrape = /^(up|scrape_.*)$/;

function checkForeignData(service: string, present: ReadonlySet<string>): Finding {
  const own = [...present].filter((name) => !ofTheScrape.test(name));
  if (own.length > 0) return ok('noData', `${service}: ${own.length} metrics have series`);
  return wrong(
    'noData',
    `${service} is scraped and shows no metric of its own`,
    'Open the address of the target: an empty page, or a relabelling that drops everything',
  );
}

/** A counter whose labels are all known starts at 0; other metrics appear with their first observation. */
function isAlwaysThere(name: MetricName): boolean {
  return metricDefinition(name).type === 'counter' && knownLabelSets(name).length > 0;
}

function seriesOf(name: MetricName): string {
  return metricDefinition(name).type === 'histogram' ? `${name}_count` : name;
}
