/**
 * The ports of the reconciler, as types only; the operator passes in the implementations. Reads come from caches and cost no
 * request; writes are sent to the API server.
 */
import type { KubeObject, ObjectName } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import type { Claimant } from './claims/claims.ts';
import type { ObservedEndpoints, ObservedObject, ObservedService } from './observed.ts';
import type { ConditionEvent } from './status/verdict.ts';

/**
 * Read access to the cluster. A resource is a TradingPipeline, and an object is one that was generated for a TradingPipeline.
 */
export interface ClusterView {
  resource(key: string): TradingPipeline | undefined;
  resources(): Iterable<TradingPipeline>;
  /** Returns the claimants that hold any claim of this resource. The resource itself may be among them. */
  claimHolders(resource: TradingPipeline): Iterable<Claimant>;
  /** Returns the generated objects whose label names the resource with this key. */
  objects(key: string): readonly ObservedObject[];
  service(key: string): ObservedService | undefined;
  services(namespace: string): Iterable<ObservedService>;
  endpoints(namespace: string, service: string): Iterable<ObservedEndpoints>;
  /** Returns the Prometheus objects of the whole cluster, or undefined if the controller cannot list them. */
  prometheuses(): readonly KubeObject[] | undefined;
  /** Returns the labels of a namespace, or undefined if the namespace is not in the cache. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
}

export interface ClusterWriter {
  /** Reads the object with this name from the API server, not from the cache. Returns undefined if there is none. */
  nameHolder(kind: string, at: ObjectName): Promise<KubeObject | undefined>;
  /** Creates the object. Writes nothing and returns undefined if the name is taken. @throws the same errors as apply */
  applyNew(object: KubeObject): Promise<KubeObject | undefined>;
  /**
   * Creates or updates the object, and returns it as it is then in the cluster, with the fields of other field managers.
   * @throws Refusal if the API server rejects the object; any other error is worth a retry
   */
  apply(object: KubeObject): Promise<KubeObject>;
  /**
   * Removes the fields of `live` that `object` does not have, except names, labels, annotations and status. Writes only if the
   * object in the cluster is still `live`. @throws the same errors as apply
   */
  takeBack(object: KubeObject, live: KubeObject): Promise<KubeObject>;
  /** Deletes exactly this version of the object. Does nothing if the object no longer exists or has changed. */
  delete(object: ObservedObject): Promise<void>;
  applyStatus(resource: TradingPipeline): Promise<void>;
}

/** What the reconciler reports about its work. */
export interface ReconcileEvents {
  driftRepaired(kind: string): void;
  /** Called with the Kubernetes Events to write, which users see beside the TradingPipeline. */
  conditionsChanged(resource: TradingPipeline, events: readonly ConditionEvent[]): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
