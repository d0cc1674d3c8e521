/** What the reconciler needs of the world. Reads are from caches and cost nothing; writes go to the API server. */
import type { KubeObject, ObjectName } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import type { Claimant } from './claims/claims.ts';
import type { ObservedEndpoints, ObservedObject, ObservedService } from './observed.ts';
import type { ConditionEvent } from './status/condition-events.ts';

export interface ClusterView {
  pipeline(key: string): TradingPipeline | undefined;
  pipelines(): Iterable<TradingPipeline>;
  /** Those who have what this pipeline asks for; perhaps itself. */
  claimHolders(pipeline: TradingPipeline): Iterable<Claimant>;
  /** Generated objects that say by their label that they belong to the pipeline of this key. */
  generated(key: string): readonly ObservedObject[];
  services(namespace: string): Iterable<ObservedService>;
  endpoints(namespace: string, service: string): Iterable<ObservedEndpoints>;
  /** The Prometheus objects of the whole cluster; undefined when they cannot be listed. */
  prometheuses(): readonly KubeObject[] | undefined;
  /** Undefined when the namespace is not known. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
}

export interface ClusterWriter {
  /** The object that has a name in the cluster, whole, if any does: the API server itself is asked. */
  nameHolder(kind: string, at: ObjectName): Promise<KubeObject | undefined>;
  /** Writes an object that is not there yet. Undefined, and nothing is written, when its name is taken. @throws as apply does */
  applyNew(object: KubeObject): Promise<ObservedObject | undefined>;
  /** @throws Refusal when the API server will not take the object; any other error is worth another try */
  apply(object: KubeObject): Promise<ObservedObject>;
  /** Deletes this very object; one that is gone or has changed is left alone. */
  delete(object: ObservedObject): Promise<void>;
  applyStatus(pipeline: TradingPipeline): Promise<void>;
}

/** The API server understood, and said no. */
export class Refusal extends Error {}

/** What the reconciler tells of its work. */
export interface ReconcileEvents {
  driftRepaired(kind: string): void;
  /** Shown to users beside the resource. */
  conditionsChanged(pipeline: TradingPipeline, events: readonly ConditionEvent[]): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
