/** The facts that the checks judge. read-cluster-facts.ts and read-prometheus-facts.ts gather them. */
import type { KubeObject } from '../../api/kube-object.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { Lease } from '../../kube/lease.ts';
import type { LoadedGroup, Targets, TsdbStatus } from '../../prometheus/http-api.ts';
import type { ObservedEndpoints, ObservedService } from '../../reconcile/observed.ts';

/**
 * The value that a request returned, or the message of the error with which it failed. A check turns an error into the
 * verdict `unknown`.
 */
export type Answer<T> = { readonly value: T } | { readonly error: string };

/** Waits for a request, and returns its error instead of throwing it. */
export async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await asked };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

export interface ClusterFacts {
  readonly server: string;
  /** All TradingPipelines of the cluster, because they compete for services and dashboard names. */
  readonly pipelines: readonly TradingPipeline[];
  readonly prometheuses: Answer<readonly KubeObject[]>;
  /** The Leases by which controllers elect their leader. */
  readonly leases: Answer<readonly Lease[]>;
  /** Facts about each namespace, keyed by its name. */
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>;
}

export interface NamespaceFacts {
  readonly labels: Answer<Readonly<Record<string, string>>>;
  readonly services: readonly ObservedService[];
  readonly endpoints: readonly ObservedEndpoints[];
  /** The objects that the controller generated in the namespace. */
  readonly generated: readonly KubeObject[];
}

export interface PrometheusFacts {
  readonly address: string;
  readonly targets: Answer<Targets>;
  readonly scrapePools: Answer<readonly string[]>;
  readonly groups: Answer<readonly LoadedGroup[]>;
  readonly alertmanagers: Answer<number>;
  readonly tsdb: Answer<TsdbStatus>;
  /** Names of the metrics that have series, keyed by `namespace/job`. */
  readonly metricsOf: ReadonlyMap<string, Answer<ReadonlySet<string>>>;
  /** Metrics that the loaded rules read and that have at least one series. */
  readonly presentMetrics: Answer<ReadonlySet<string>>;
}

/** One TradingPipeline under examination. */
export interface Patient {
  readonly pipeline: TradingPipeline;
  /** The objects that should exist for the TradingPipeline. Empty if its spec is invalid. */
  readonly desired: readonly KubeObject[];
  readonly namespace: NamespaceFacts;
}
