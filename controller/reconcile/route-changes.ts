/**
 * Decides which TradingPipelines must be reconciled after a change in the cluster, and how urgently. Pure: from one
 * change of one cache and the caches themselves, it returns keys of TradingPipelines for the work queue.
 */
import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, objectKey } from '../api/kube-object.ts';
import { labels } from '../api/names.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import { serviceSelector } from '../compile/objects/service-monitor.ts';
import { claimantOf, isSelected } from './claims/claims.ts';
import {
  isPaused,
  keyOf,
  type ObservedEndpoints,
  type ObservedNamespace,
  type ObservedObject,
  type ObservedService,
  parsedSpec,
} from './observed.ts';
import type { ClusterView } from './ports.ts';

/** Priorities of reconciles. Lower numbers go first: a user's edit, then a change of other objects, then routine checks. */
export const priorities = { user: 0, change: 1, resync: 2 } as const;
export type Priority = (typeof priorities)[keyof typeof priorities];

/** A key of a TradingPipeline that must be reconciled. */
interface Route {
  readonly key: string;
  readonly priority: Priority;
}

/** `before` is missing if the object was created, `after` if it was deleted. `key` is the key of the changed object. */
interface Change<Of extends string, T> {
  readonly of: Of;
  readonly key: string;
  readonly before?: T;
  readonly after?: T;
}

export type ResourceChange = Change<'resource', TradingPipeline>;
/** A change of a generated object. */
export type ObjectChange = Change<'object', ObservedObject>;
type ServiceChange = Change<'service', ObservedService>;
type EndpointsChange = Change<'endpoints', ObservedEndpoints>;
type PrometheusChange = Change<'prometheus', KubeObject>;
type NamespaceChange = Change<'namespace', ObservedNamespace>;

export type ClusterChange =
  | ResourceChange
  | ObjectChange
  | ServiceChange
  | EndpointsChange
  | PrometheusChange
  | NamespaceChange;

type RoutingView = Pick<ClusterView, 'resources' | 'service'>;

/**
 * Returns the keys of the TradingPipelines to reconcile. A key may occur several times, because the work queue stores
 * each key once.
 */
export function routeChange(change: ClusterChange, view: RoutingView): Route[] {
  switch (change.of) {
    case 'resource':
      return routeResource(change, view);
    case 'object':
      return routesTo(bothOf(change).map(resourceKeyOf), priorities.change);
    case 'service':
      return routeServices(bothOf(change), view);
    case 'endpoints':
      return routeEndpoints(change, view);
    case 'prometheus':
      return routePrometheus(change, view);
    case 'namespace':
      return routeNamespace(change, view);
  }
}

/**
 * Returns whether the user asks for something else: a new resource, a deletion, a pause or another spec. Changes of the status
 * or of other metadata do not count.
 */
export function isAskedAnew(before: TradingPipeline | undefined, after: TradingPipeline | undefined): boolean {
  const { uid, generation, deletionTimestamp } = before?.metadata ?? {};
  const now = after?.metadata;
  return (
    !before ||
    !after ||
    uid !== now?.uid ||
    generation !== now?.generation ||
    isPaused(before) !== isPaused(after) ||
    deletionTimestamp !== now?.deletionTimestamp
  );
}

/** Returns the key of the resource that a generated object belongs to, according to its label. */
export function resourceKeyOf(object: ObservedObject): string {
  return objectKey({ namespace: object.namespace, name: object.labels[labels.pipeline] ?? '' });
}

/**
 * Routes a change of a TradingPipeline to the TradingPipeline itself, and to its rivals, because they may gain or lose
 * a service or a dashboard.
 */
function routeResource(change: ResourceChange, view: RoutingView): Route[] {
  if (!isAskedAnew(change.before, change.after)) return [];
  const rivals = bothOf(change).flatMap((resource) => findRivals(resource, view.resources()));
  return [{ key: change.key, priority: priorities.user }, ...routesTo(rivals, priorities.change)];
}

function routeServices(services: readonly ObservedService[], view: RoutingView): Route[] {
  const keys = services.flatMap((service) => findSelecting(service, view.resources()));
  return routesTo(keys, priorities.change);
}

function routeEndpoints(change: EndpointsChange, view: RoutingView): Route[] {
  const { before, after } = change;
  if (before && after && isDeepStrictEqual(before, after)) return [];
  const services = bothOf(change).map(({ namespace, service }) =>
    view.service(objectKey({ namespace, name: service })),
  );
  return routeServices(
    services.filter((service) => service !== undefined),
    view,
  );
}

/**
 * Routes a change of a Prometheus object to every TradingPipeline, because a Prometheus object may select the objects
 * of any. Such a change only alters conditions, so the reconciles can wait.
 */
function routePrometheus({ before, after }: PrometheusChange, view: RoutingView): Route[] {
  if (isDeepStrictEqual(before?.spec, after?.spec)) return [];
  return routesTo([...view.resources()].map(keyOf), priorities.resync);
}

function routeNamespace({ before, after }: NamespaceChange, view: RoutingView): Route[] {
  if (isDeepStrictEqual(before?.labels, after?.labels)) return [];
  const name = (after ?? before)?.name;
  const inside = [...view.resources()].filter(({ metadata }) => metadata.namespace === name);
  return routesTo(inside.map(keyOf), priorities.resync);
}

/** Returns the keys of resources that list a service whose selector matches this Service. */
function findSelecting(service: ObservedService, resources: Iterable<TradingPipeline>): string[] {
  const keys: string[] = [];
  for (const resource of resources) {
    if (resource.metadata.namespace !== service.namespace) continue;
    const parsed = parsedSpec(resource);
    if (!('spec' in parsed)) continue;
    const selects = (parsed.spec.services ?? []).some((spec) => isSelected(service.labels, serviceSelector(spec)));
    if (selects) keys.push(keyOf(resource));
  }
  return keys;
}

/** Returns the keys of other resources that claim a service or a dashboard which this resource claims. */
function findRivals(resource: TradingPipeline, resources: Iterable<TradingPipeline>): string[] {
  const own = claimantOf(resource);
  const keys: string[] = [];
  for (const other of resources) {
    if (other.metadata.uid === resource.metadata.uid) continue;
    const rival = claimantOf(other);
    const sameNamespace = other.metadata.namespace === resource.metadata.namespace;
    const sharesService = sameNamespace && rival.services.some((service) => own.services.includes(service));
    if (sharesService || rival.dashboards.some((name) => own.dashboards.includes(name))) keys.push(keyOf(other));
  }
  return keys;
}

function bothOf<T>({ before, after }: { readonly before?: T; readonly after?: T }): T[] {
  return [before, after].filter((one) => one !== undefined);
}

function routesTo(keys: readonly string[], priority: Priority): Route[] {
  return keys.map((key) => ({ key, priority }));
}
