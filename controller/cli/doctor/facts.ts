/** All that the doctor looks at, gathered by read-cluster-facts.ts and read-prometheus-facts.ts, judged by the checks. */
import type { KubeObject } from '../../api/kube-object.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { Lease } from '../../kube/lease.ts';
import type { LoadedGroup, Targets, TsdbStatus } from '../../prometheus/http-api.ts';
import type { ObservedEndpoints, ObservedService } from '../../reconcile/observed.ts';

/** What was asked for, or why there is no answer. */
export type Answer<T> = { readonly value: T } | { readonly error: string };

export async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await asked };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

export interface ClusterFacts {
  readonly server: string;
  /** Of the cluster: they compete for services and dashboards. */
  readonly pipelines: readonly TradingPipeline[];
  readonly prometheuses: Answer<readonly KubeObject[]>;
  /** By which controllers elect who leads. */
  readonly leases: Answer<readonly Lease[]>;
  /** By name of the namespace. */
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
}

export interface NamespaceFacts {
  readonly labels: Answer<Readonly<Record<string, string>>>;
  readonly services: readonly ObservedService[];
  readonly endpoints: readonly ObservedEndpoints[];
  /** What the controller has made there. */
  readonly generated: readonly KubeObject[];
}

export interface PrometheusFacts {
  readonly address: string;
  readonly targets: Answer<Targets>;
  readonly scrapePools: Answer<readonly string[]>;
  readonly groups: Answer<readonly LoadedGroup[]>;
  readonly alertmanagers: Answer<number>;
  readonly tsdb: Answer<TsdbStatus>;
  /** Series by metric, of each `namespace/job`. */
  readonly metricsOf: ReadonlyMap<string, Answer<ReadonlySet<string>>>;
  /** Which of the metrics that the loaded rules read have a series at all. */
  readonly presentMetrics: Answer<ReadonlySet<string>>;
}

/** One resource, with what the cluster and Prometheus know of it. */
export interface Patient {
  readonly pipeline: TradingPipeline;
  /** What should exist for it. */
  readonly desired: readonly KubeObject[];
  readonly namespace: NamespaceFacts;
}
