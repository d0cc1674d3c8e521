/**
 * Knows which series exist, and which labels they may have: the metrics of the catalogue, the series that our rules record,
 * and, by prefix, the series of Prometheus itself and of exporters that most clusters run. Pure.
 */
import { findNearest, isWithin } from '#base/find-nearest.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import { type MetricName, metricDefinition, metricNames } from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import { objectiveSeries, pipelineEventSeries } from '#catalogue/objectives.ts';
import { targetLabels } from '#catalogue/series.ts';

/** Labels that a series may have; `any` if they are unknown. */
export type KnownLabels = ReadonlySet<string> | 'any';

/**
 * Matches the names of metrics of kube-prometheus-stack (kube-state-metrics, cAdvisor, kubelet, node-exporter, the control
 * plane), Prometheus, Alertmanager, client libraries, and exporters for the servers that the platform uses.
 */
const exporters =
  /^(ALERTS|ALERTS_FOR_STATE|up|scrape_\w+|target_info|otel_scope_info|(process|nodejs|go|python|jvm|prometheus|alertmanager|promhttp|net_conntrack|kube|kubelet|kubernetes|kubeproxy|container|machine|node|apiserver|aggregator|authentication|authorization|etcd|grpc|coredns|rest_client|workqueue|scheduler|controller_runtime|cadvisor|probe|grafana|loki|tempo|thanos|cortex|otelcol|redis|pg|postgres|pgbouncer|kafka|kminion|strimzi|zookeeper|nginx|envoy|istio|traefik|haproxy|certmanager|argocd|gotk|keda|velero|vault|aws|DCGM)_\w+)$/;

/**
 * A name within this edit distance of one of our metrics counts as a typing error, even if its prefix is that of an exporter.
 */
const SLIP = 2;

let catalogued: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** Returns the labels of a series, or undefined if no series with this name is known. */
export function knownLabels(name: string): KnownLabels | undefined {
  const known = catalogue().get(name);
  if (known) return known;
  // A colon in a name means that a rule records the series. Only names with the prefix `objective:` are reserved for
  // our rules, so only such a name is an error if it is unknown.
  if (name.includes(':')) return name.startsWith('objective:') ? undefined : 'any';
  return isOfExporter(name) ? 'any' : undefined;
}

/**
 * What is known about names with the prefix of an exporter. Rules of users read the same few hundred names again and again,
 * so the answers are kept; the number of entries is bounded, and no entry is longer than a metric's name usually is.
 */
const ofExporters = new Map<string, boolean>();
const MOST_KEPT = 5_000;
const LONGEST_KEPT = 200;

function isOfExporter(name: string): boolean {
  const kept = ofExporters.get(name);
  if (kept !== undefined) return kept;
  const answer = exporters.test(name) && !isSlip(name);
  if (name.length > LONGEST_KEPT) return answer;
  if (ofExporters.size >= MOST_KEPT) ofExporters.clear();
  ofExporters.set(name, answer);
  return answer;
}

/** Returns the known name that is most similar to this one, or undefined if none is similar. */
export function nearestSeries(name: string): string | undefined {
  return findNearest(name, catalogue().keys());
}

/**
 * Returns whether a series only grows, as far as the catalogue or the name tells; undefined if neither does. The buckets, the count
 * and the sum of a histogram only grow.
 */
export function metricType(name: string): 'counter' | 'gauge' | undefined {
  if ((metricNames as readonly string[]).includes(name))
    return metricDefinition(name as MetricName).type === 'gauge' ? 'gauge' : 'counter';
  if (name === 'up') return 'gauge';
  return name.endsWith('_total') || isHistogram(name.replace(/_(?:bucket|count|sum)$/, '')) ? 'counter' : undefined;
}

export function isHistogram(name: string): boolean {
  return (metricNames as readonly string[]).includes(name) && metricDefinition(name as MetricName).type === 'histogram';
}

/** Returns whether a name differs from one of our metrics only by a letter or two, or by a missing ending. */
function isSlip(name: string): boolean {
  const { byLength, stems } = index();
  if (stems.has(name)) return true;
  for (let length = name.length - SLIP; length <= name.length + SLIP; length++)
    if (byLength.get(length)?.some((known) => isWithin(name, known, SLIP))) return true;
  return false;
}

interface NameIndex {
  /** The known names, by their length: two names within an edit distance differ at most by it in length. */
  readonly byLength: ReadonlyMap<number, readonly string[]>;
  /** All that stands before a `_` in a known name. */
  readonly stems: ReadonlySet<string>;
}

let indexed: NameIndex | undefined;

function index(): NameIndex {
  indexed ??= indexNames([...catalogue().keys()]);
  return indexed;
}

function indexNames(names: readonly string[]): NameIndex {
  return { byLength: Map.groupBy(names, ({ length }) => length), stems: new Set(names.flatMap(stemsOf)) };
}

function stemsOf(name: string): string[] {
  const parts = name.split('_');
  return parts.slice(1).map((_, end) => parts.slice(0, end + 1).join('_'));
}

function catalogue(): ReadonlyMap<string, ReadonlySet<string>> {
  catalogued ??= new Map([...metricNames.flatMap(seriesOf), ...recordedSeries()]);
  return catalogued;
}

function seriesOf(name: MetricName): [string, ReadonlySet<string>][] {
  const { type, labels = {} } = metricDefinition(name);
  const own = Object.keys(labels);
  // If a metric has a label of the same name as a label of its scrape target, Prometheus renames the metric's label to
  // exported_NAME.
  const renamed = own
    .filter((label) => (targetLabels as readonly string[]).includes(label))
    .map((label) => `exported_${label}`);
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
  const missing = ['le', 'metric', 'wanted'];
  return [
    ...Object.values(objectiveSeries).map((name): [string, Set<string>] => [
      name,
      new Set(name === objectiveSeries.bucketMissing ? [...labels, ...missing] : labels),
    ]),
    ...Object.values(pipelineEventSeries).map((name): [string, Set<string>] => [name, new Set(counted)]),
    ...minuteCountList.map(({ record, labels }): [string, Set<string>] => [record, new Set(labels)]),
  ];
}
