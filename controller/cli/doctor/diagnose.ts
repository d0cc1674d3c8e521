/** Runs all checks on the gathered facts. The findings are in the order in which the data flow, from the API server to the alert. Pure. */
import { keyOf, parsedSpec } from '../../reconcile/observed.ts';
import { checkLeader } from './check-leader.ts';
import { checkMemory, type MemoryLimits } from './check-memory.ts';
import { checkObjects } from './check-objects.ts';
import { checkResource } from './check-resource.ts';
import { checkRules } from './check-rules.ts';
import { checkServices } from './check-services.ts';
import { checkTargets } from './check-targets.ts';
import type { Answer, ClusterFacts, Patient, PrometheusFacts } from './facts.ts';
import { type Finding, ok, unknown } from './finding.ts';

export interface Diagnosis {
  /** Findings that concern no single TradingPipeline, but the API server, the controller or Prometheus. */
  readonly general: readonly Finding[];
  readonly resources: readonly { readonly resource: string; readonly findings: readonly Finding[] }[];
}

interface DiagnoseInput {
  readonly cluster: ClusterFacts;
  readonly patients: readonly Patient[];
  readonly prometheus: Answer<PrometheusFacts>;
  readonly limits: MemoryLimits;
  readonly now: Date;
}

export function diagnose({ cluster, patients, prometheus, limits, now }: DiagnoseInput): Diagnosis {
  const general = [ok('apiServerSilent', `the API server at ${cluster.server} answers, and has the CRDs`)];
  return {
    general: [...general, ...checkLeader(cluster.leases, now), ...checkPrometheus(prometheus, limits)],
    resources: patients.map((patient) => ({
      resource: keyOf(patient.pipeline),
      findings: diagnosePatient(patient, cluster, prometheus),
    })),
  };
}

function checkPrometheus(prometheus: Answer<PrometheusFacts>, limits: MemoryLimits): Finding[] {
  if ('error' in prometheus)
    return [
      unknown(
        'prometheusSilent',
        prometheus.error,
        'Pass its address with --prometheus or PROMETHEUS_URL; in a cluster, run `kubectl -n monitoring port-forward svc/prometheus-operated 9090` first',
      ),
    ];
  const { value } = prometheus;
  return [ok('prometheusSilent', `Prometheus at ${value.address} answers`), checkMemory(value, limits)];
}

function diagnosePatient(patient: Patient, cluster: ClusterFacts, prometheus: Answer<PrometheusFacts>): Finding[] {
  const { pipeline, namespace } = patient;
  const parsed = parsedSpec(pipeline);
  const services = 'spec' in parsed ? (parsed.spec.services ?? []) : [];
  const inCluster = [
    ...checkResource(pipeline),
    ...checkServices(services, pipeline.metadata.namespace ?? '', namespace),
    ...checkObjects(patient, cluster.prometheuses),
  ];
  if ('error' in prometheus) return inCluster;
  return [...inCluster, ...checkTargets(patient, prometheus.value), ...checkRules(patient, prometheus.value)];
}
