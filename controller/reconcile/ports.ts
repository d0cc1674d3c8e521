/**
 * What the reconciler needs from outside. Reads come from caches and cost no request; writes go to the API server. Types
 * only: the operator passes in the implementations.
 */
import type { KubeObject, ObjectName } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import type { Claimant } from './claims/claims.ts';
import type { ObservedEndpoints, ObservedObject, ObservedService } from './observed.ts';
import type { ConditionEvent } from './status/verdict.ts';

/** Here a resource is a TradingPipeline, and an object is one that was generated for it. */
export interface ClusterView {
  resource(key: string): TradingPipeline | undefined;
  resources(): Iterable<TradingPipeline>;
  /** The claimants that hold anything this resource claims. The resource itself may be among them. */
  claimHolders(resource: TradingPipeline): Iterable<Claimant>;
  /** Generated objects whose label names the resource of this key. */
  objects(key: string): readonly ObservedObject[];
  service(key: string): ObservedService | undefined;
  services(namespace: string): Iterable<ObservedService>;
  endpoints(namespace: string, service: string): Iterable<ObservedEndpoints>;
  /** The Prometheus objects of the whole cluster; undefined if the controller cannot list them. */
  prometheuses(): readonly KubeObject[] | undefined;
  /** Undefined if the namespace is not in the cache. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
}

export interface ClusterWriter {
  /** Asks the API server, not the cache, for the object of this name. Undefined if there is none. */
  nameHolder(kind: string, at: ObjectName): Promise<KubeObject | undefined>;
  /** Creates the object. Writes nothing and returns undefined if the name is taken. @throws as apply does */
  applyNew(object: KubeObject): Promise<ObservedObject | undefined>;
  /** @throws Refusal if the API server rejects the object; any other error is worth a retry */
  apply(object: KubeObject): Promise<ObservedObject>;
  /** Deletes exactly this version of the object. Does nothing if it is gone or has changed. */
  delete(object: ObservedObject): Promise<void>;
  applyStatus(resource: TradingPipeline): Promise<void>;
}

/** What the reconciler reports about its work. */
export interface ReconcileEvents {
  driftRepaired(kind: string): void;
  /** Becomes Kubernetes Events, which users see beside the resource. */
  conditionsChanged(resource: TradingPipeline, events: readonly ConditionEvent[]): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
