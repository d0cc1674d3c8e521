/**
 * Which series exist, and which labels they can have: those of the catalogue, those that our rules record, and, by their
 * prefix, those of Prometheus itself and of the exporters that most clusters have. Pure.
 */

import { editDistance, findNearest } from '#base/find-nearest.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import { type MetricName, metricDefinition, metricNames } from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import { objectiveSeries, pipelineEventSeries } from '#catalogue/objectives.ts';

/** Labels that a series can have; `any` where nobody can say. */
export type KnownLabels = ReadonlySet<string> | 'any';

/** What prometheus-operator gives to the targets of a ServiceMonitor, and what clusters add to all of theirs. */
const targetLabels = [
  ...['namespace', 'job', 'service', 'pod', 'instance', 'container', 'endpoint'],
  ...['node', 'cluster', 'prometheus', 'prometheus_replica'],
];

/**
 * kube-prometheus-stack's own (kube-state-metrics, cAdvisor, kubelet, node-exporter, the control plane), Prometheus and
 * Alertmanager, client libraries' process metrics, and the exporters of what the platform stands on.
 */
const exporters =
  /^(ALERTS|ALERTS_FOR_STATE|up|scrape_\w+|target_info|otel_scope_info|(process|nodejs|go|python|jvm|prometheus|alertmanager|promhttp|net_conntrack|kube|kubelet|kubernetes|kubeproxy|container|machine|node|apiserver|aggregator|authentication|authorization|etcd|grpc|coredns|rest_client|workqueue|scheduler|controller_runtime|cadvisor|probe|grafana|loki|tempo|thanos|cortex|otelcol|redis|pg|postgres|pgbouncer|kafka|kminion|strimzi|zookeeper|nginx|envoy|istio|traefik|haproxy|certmanager|argocd|gotk|keda|velero|vault|aws|DCGM)_\w+)$/;

/** At most so many letters apart, a name of an exporter is taken for a slip of one of ours. */
const SLIP = 2;

let catalogued: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** The labels of a series by its name; undefined for one that does not exist as far as is known. */
export function knownLabels(name: string): KnownLabels | undefined {
  const known = catalogue().get(name);
  if (known) return known;
  // Recorded by somebody's rule: only of ours is it known which there are.
  if (name.includes(':')) return name.startsWith('objective:') ? undefined : 'any';
  return exporters.test(name) && !isSlip(name) ? 'any' : undefined;
}

/** The name that was meant, as far as one can tell. */
export function nearestSeries(name: string): string | undefined {
  return findNearest(name, catalogue().keys());
}

export function isHistogram(name: string): boolean {
  return (metricNames as readonly string[]).includes(name) && metricDefinition(name as MetricName).type === 'histogram';
}

/** Whether a name is one of the catalogue's but for a letter, or for its ending. */
function isSlip(name: string): boolean {
  for (const known of catalogue().keys())
    if (known.startsWith(`${name}_`) || editDistance(known, name) <= SLIP) return true;
  return false;
}

function catalogue(): ReadonlyMap<string, ReadonlySet<string>> {
  catalogued ??= new Map([...metricNames.flatMap(seriesOf), ...recordedSeries()]);
  return catalogued;
}

function seriesOf(name: MetricName): [string, ReadonlySet<string>][] {
  const { type, labels = {} } = metricDefinition(name);
  const own = Object.keys(labels);
  // Prometheus renames a label of the metric that the target has too.
  const renamed = own.filter((label) => targetLabels.includes(label)).map((label) => `exported_${label}`);
  const all = [...own, ...renamed, ...targetLabels];
  if (type !== 'histogram') return [[name, new Set(all)]];
  return [
    [`${name}_bucket`, new Set([...all, 'le'])],
    [`${name}_sum`, new Set(all)],
    [`${name}_count`, new Set(all)],
  ];
}

function recordedSeries(): [string, ReadonlySet<string>][] {
  const counted = ['pipeline_id', 'indicator'];
  const labels = [alertLabels.namespace, alertLabels.pipeline, alertLabels.objective, 'window', ...counted];
  return [
    ...Object.values(objectiveSeries).map((name): [string, Set<string>] => [name, new Set(labels)]),
    ...Object.values(pipelineEventSeries).map((name): [string, Set<string>] => [name, new Set(counted)]),
    ...minuteCountList.map(({ record, labels }): [string, Set<string>] => [record, new Set(labels)]),
  ];
}
