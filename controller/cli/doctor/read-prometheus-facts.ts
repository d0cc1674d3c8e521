import { quote } from '#base/promql/build-promql.ts';
import { selectedMetrics } from '#base/promql/promql-tree.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { labels } from '../../api/names.ts';
import type { LoadedGroup } from '../../prometheus/http-api.ts';
import type { PrometheusClient } from '../../prometheus/prometheus-client.ts';
import { type Answer, answerOf, type Patient, type PrometheusFacts } from './facts.ts';

/**
 * Reads all facts from Prometheus. Returns an error if Prometheus does not respond at all. If a single endpoint fails, only the
 * fact from that endpoint becomes an error.
 */
export async function readPrometheusFacts(
  api: PrometheusClient,
  patients: readonly Patient[],
): Promise<Answer<PrometheusFacts>> {
  const alive = await answerOf(api.query('vector(1)'));
  if ('error' in alive) return alive;
  const groups = await answerOf(api.rules());
  const [targets, scrapePools, alertmanagers, tsdb, presentMetrics, metricsOf] = await Promise.all([
    answerOf(api.targets()),
    answerOf(api.scrapePools()),
    answerOf(api.alertmanagers()),
    answerOf(api.tsdbStatus()),
    answerOf(readPresent(api, 'value' in groups ? groups.value : [], patients)),
    readMetricsOf(api, patients),
  ]);
  const value = { address: api.address, groups, targets, scrapePools, alertmanagers, tsdb, presentMetrics, metricsOf };
  return { value };
}

async function readPresent(
  api: PrometheusClient,
  groups: readonly LoadedGroup[],
  patients: readonly Patient[],
): Promise<ReadonlySet<string>> {
  const own = patients.map(({ pipeline }) => `${pipeline.metadata.namespace}.${pipeline.metadata.name}.`);
  const rules = groups
    .filter(({ name }) => own.some((prefix) => name.startsWith(prefix)))
    .flatMap(({ rules }) => rules);
  const metrics = [...new Set(rules.flatMap(({ query }) => selectedMetrics(query)))];
  if (metrics.length === 0) return new Set();
  return readNames(api, `{__name__=~${quote(metrics.join('|'))}}`);
}

async function readMetricsOf(api: PrometheusClient, patients: readonly Patient[]) {
  const monitors = patients.flatMap(({ desired }) => desired).filter(({ kind }) => kind === 'ServiceMonitor');
  const asked = monitors.map(async (monitor) => {
    const { namespace = '', job } = identityOf(monitor);
    const names = readNames(api, `{job=${quote(job)},namespace=${quote(namespace)}}`);
    return [`${namespace}/${job}`, await answerOf(names)] as const;
  });
  return new Map(await Promise.all(asked));
}

function identityOf({ metadata }: KubeObject): { namespace?: string; job: string } {
  const pipeline = metadata.labels?.[labels.pipeline] ?? '';
  return { namespace: metadata.namespace, job: metadata.name.slice(pipeline.length + 1) };
}

async function readNames(api: PrometheusClient, selector: string): Promise<ReadonlySet<string>> {
  const samples = await api.query(`count by (__name__) (${selector})`);
  return new Set(samples.map(({ metric }) => metric.__name__ ?? ''));
}
