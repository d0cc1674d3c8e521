/**
 * Lists the objects of a TradingPipeline that Prometheus and Grafana should pick up, and finds out whether they do.
 * Pure.
 */
import { type KubeObject, resources } from '../../api/kube-object.ts';
import type { ObjectiveSpec } from '../../api/objective-schema.ts';
import type { TradingPipelineSpec } from '../../api/trading-pipeline.ts';
import { exactly, resolveObjective } from '../../compile/objectives/resolve-objective.ts';
import { groupsOf, type Owner } from '../../compile/objects/generated-object.ts';
import { buildSharedObjectiveGroups, needSharedRules } from '../../compile/objects/shared-rules.ts';
import type { ObservedObject } from '../observed.ts';
import type { KeptEdit } from '../plan/plan.ts';
import type { ClusterView } from '../ports.ts';
import { findMonitoring, type MonitoredResource, type Monitoring } from './monitoring.ts';
import type { PrometheusView } from './prometheus-view.ts';
import { type LabelledObject, matchPrometheuses } from './select-monitors.ts';

interface MonitoredInput {
  readonly owner: Owner;
  readonly spec: TradingPipelineSpec;
  /** The compiled objects that are in the cluster. */
  readonly written: readonly KubeObject[];
  readonly unwritten: readonly KubeObject[];
  /** Dashboards that users have edited and whose data is left as it is. */
  readonly kept: readonly KeptEdit[];
}

/** Rule groups that come with the operator. Without them the objectives of a declared pipeline have no data. */
const sharedGroups = buildSharedObjectiveGroups();

export function buildMonitoredResource({ owner, spec, written, unwritten, kept }: MonitoredInput): MonitoredResource {
  const namesOf = (objects: readonly KubeObject[], kind: string) =>
    objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
  const monitors = namesOf(written, resources.serviceMonitor.kind);
  const groups = written.flatMap(groupsOf);
  const shared = needSharedRules(written) ? sharedGroups : [];
  return {
    namespace: owner.namespace,
    name: owner.name,
    monitors: monitors.map((monitor) => ({ service: monitor.slice(owner.name.length + 1), monitor })),
    groups: [...groups, ...shared].map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => rule.alert ?? rule.record ?? ''),
    })),
    objectives: (spec.objectives ?? []).map(objectiveTarget),
    dashboards: namesOf(written, resources.configMap.kind),
    unwrittenDashboards: namesOf(unwritten, resources.configMap.kind),
    editedDashboards: kept.map(({ object, isOutdated }) => ({ name: object.metadata.name, isOutdated })),
  };
}

function objectiveTarget(spec: ObjectiveSpec): MonitoredResource['objectives'][number] {
  return { name: spec.name, target: exactly(resolveObjective(spec).target * 100) };
}

interface Surroundings {
  readonly view: ClusterView;
  readonly prometheus: PrometheusView;
  readonly nowMs: number;
  /**
   * When an object of the TradingPipeline was last written, in ms since 1970; undefined if this process has written
   * none.
   */
  readonly writtenAtMs: number | undefined;
}

export function observeMonitoring(monitored: MonitoredResource, { view, ...around }: Surroundings): Monitoring {
  const { namespace, name } = monitored;
  const observed = view.objects(`${namespace}/${name}`);
  const found = { objects: view.prometheuses(), namespaceLabels: view.namespaceLabels(namespace) };
  const match = (kind: 'ServiceMonitor' | 'PrometheusRule', names: readonly string[]) =>
    matchPrometheuses({ kind, namespace, objects: labelled(observed, kind, names) }, found);
  return findMonitoring({
    ...around,
    monitored,
    monitors: match(
      resources.serviceMonitor.kind,
      monitored.monitors.map(({ monitor }) => monitor),
    ),
    rules: match(resources.prometheusRule.kind, [name]),
    dashboards: labelled(observed, resources.configMap.kind, monitored.dashboards),
  });
}

/**
 * Returns the objects with these names, in the order of `names`, with the labels they have in the cluster. Names without an
 * object are left out.
 */
function labelled(observed: readonly ObservedObject[], kind: string, names: readonly string[]): LabelledObject[] {
  const ofKind = new Map(observed.filter((object) => object.kind === kind).map((object) => [object.name, object]));
  return names
    .flatMap((name) => ofKind.get(name) ?? [])
    .map((object) => ({ name: object.name, labels: object.labels }));
}
