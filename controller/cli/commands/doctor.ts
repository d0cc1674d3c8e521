import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { PrometheusClient } from '../../prometheus/prometheus-client.ts';
import { keyOf, parsedSpec } from '../../reconcile/observed.ts';
import { type CommandIo, type ExitCode, type OutputFormat, printValue } from '../command-io.ts';
import { compileResources } from '../compile-resources.ts';
import type { MemoryLimits } from '../doctor/check-memory.ts';
import { type Diagnosis, diagnose } from '../doctor/diagnose.ts';
import type { ClusterFacts, Patient } from '../doctor/facts.ts';
import { exitCodeOf, type Finding, wrong } from '../doctor/finding.ts';
import { formatDiagnosis } from '../doctor/format-diagnosis.ts';
import { readClusterFacts, readPipelines, waitForController } from '../doctor/read-cluster-facts.ts';
import { readPrometheusFacts } from '../doctor/read-prometheus-facts.ts';
import type { InputResource } from '../documents/parse-resources.ts';
import { type KubeOptions, withKubeClient } from '../open-kube-client.ts';

export interface DoctorOptions extends KubeOptions {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly prometheus: string;
  readonly limits: MemoryLimits;
  /** Output format. Prints text if absent. */
  readonly output?: OutputFormat;
}

/**
 * Checks every step from the API server to the alert, and prints each problem with a remedy. Sends only read requests.
 */
export async function handleDoctor(name: string | undefined, options: DoctorOptions, io: CommandIo): Promise<ExitCode> {
  const api = new PrometheusClient(options.prometheus);
  const diagnosis = await withKubeClient(options, (client) =>
    readDiagnosis(client, api, name, { ...options, now: io.now() }),
  );
  io.out(options.output ? printValue(diagnosis, options.output) : formatDiagnosis(diagnosis));
  return exitCodeOf([...diagnosis.general, ...diagnosis.resources.flatMap(({ findings }) => findings)]);
}

async function readDiagnosis(
  client: KubeClient,
  api: PrometheusClient,
  name: string | undefined,
  options: DoctorOptions & { readonly now: Date },
): Promise<Diagnosis> {
  const all = await readPipelines(client);
  if ('verdict' in all) return { general: [all], resources: [] };
  const asked = all.filter((pipeline) => isAsked(pipeline, name, options));
  if (asked.length === 0) return { general: [resourceMissing(name, all, options)], resources: [] };
  const seen = await waitForController(client, asked);
  const cluster = await readClusterFacts(
    client,
    all,
    seen.map(({ metadata }) => metadata.namespace ?? ''),
  );
  const patients = seen.map((pipeline) => buildPatient(pipeline, cluster));
  const prometheus = await readPrometheusFacts(api, patients);
  return diagnose({ cluster, patients, prometheus, limits: options.limits, now: options.now });
}

function isAsked({ metadata }: TradingPipeline, name: string | undefined, options: DoctorOptions): boolean {
  if (name !== undefined && metadata.name !== name) return false;
  return options.allNamespaces || metadata.namespace === options.namespace;
}

function resourceMissing(name: string | undefined, all: readonly TradingPipeline[], options: DoctorOptions): Finding {
  const where = options.allNamespaces ? 'the cluster' : `namespace ${options.namespace}`;
  const there = all.map(keyOf);
  const found = there.length > 0 ? `The cluster has ${there.join(', ')}` : 'The cluster has none: apply one';
  const message = `${where} has no TradingPipeline${name === undefined ? '' : ` ${name}`}`;
  return wrong('resourceMissing', message, `${found}. Choose by --namespace or --all-namespaces`);
}

/**
 * Returns a TradingPipeline with the objects that should exist for it: none if its spec is invalid. Compiles it
 * together with all other TradingPipelines, because they compete for services and dashboard names.
 */
function buildPatient(pipeline: TradingPipeline, { pipelines, namespaces }: ClusterFacts): Patient {
  const namespace = namespaces.get(pipeline.metadata.namespace ?? '');
  if (!namespace) throw new Error(`the facts of the namespace of ${keyOf(pipeline)} are missing`);
  const parsed = parsedSpec(pipeline);
  if ('problems' in parsed) return { pipeline, desired: [], namespace };
  const source = { file: '', index: 1, value: pipeline, locate: () => undefined };
  const resource: InputResource = { source, pipeline, spec: parsed.spec };
  const [compiled] = compileResources([resource], { inCluster: pipelines });
  return { pipeline, desired: compiled?.objects ?? [], namespace };
}
