/**
 * Checks that the generated objects exist, that a Prometheus selects them, and that dashboards carry the label by which
 * Grafana's sidecar finds them. Pure.
 */
import type { KubeObject } from '../../api/kube-object.ts';
import { labels } from '../../api/names.ts';
import {
  describeLabelling,
  matchSelections,
  type SelectableKind,
  type Selection,
} from '../../reconcile/monitoring/select-monitors.ts';
import { keyOfObject } from '../../reconcile/plan/plan.ts';
import type { Answer, NamespaceFacts, Patient } from './facts.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

export function checkObjects({ desired, namespace }: Patient, prometheuses: Answer<readonly KubeObject[]>): Finding[] {
  const present = new Map(namespace.generated.map((object) => [keyOfObject(object), object]));
  const found = desired.flatMap((object) => present.get(keyOfObject(object)) ?? []);
  const monitored = found.filter(({ kind }) => kind !== 'ConfigMap');
  return [
    ...checkPresence(desired, present),
    ...monitored.map((object) => checkSelection(object, namespace, prometheuses)),
    ...checkDashboards(found.filter(({ kind }) => kind === 'ConfigMap')),
  ];
}

function checkPresence(desired: readonly KubeObject[], present: ReadonlyMap<string, KubeObject>): Finding[] {
  const missing = desired.filter((object) => !present.has(keyOfObject(object)));
  if (missing.length === 0)
    return [ok('objectMissing', `${desired.length} of ${desired.length} generated objects exist`)];
  return missing.map(({ kind, metadata }) =>
    wrong(
      'objectMissing',
      `${kind} ${metadata.namespace}/${metadata.name} does not exist`,
      "The controller creates it again by itself. If it does not, the resource's conditions and the controller's log say why",
    ),
  );
}

const selectorValues: Readonly<Record<SelectableKind, string>> = {
  ServiceMonitor: 'serviceMonitorSelectorNilUsesHelmValues',
  PrometheusRule: 'ruleSelectorNilUsesHelmValues',
};

function checkSelection(
  object: KubeObject,
  namespace: NamespaceFacts,
  prometheuses: Answer<readonly KubeObject[]>,
): Finding {
  const kind = object.kind as SelectableKind;
  const at = `${object.metadata.namespace}/${object.metadata.name}`;
  if ('error' in prometheuses)
    return unknown(
      'notSelected',
      `${kind} ${at}: ${prometheuses.error}`,
      'Ask for permission to list Prometheus objects',
    );
  if ('error' in namespace.labels)
    return unknown(
      'notSelected',
      `${kind} ${at}: ${namespace.labels.error}`,
      'Ask for permission to get the namespace',
    );
  const selections = matchSelections(prometheuses.value, {
    kind,
    namespace: object.metadata.namespace ?? '',
    labels: object.metadata.labels ?? {},
    namespaceLabels: namespace.labels.value,
  });
  const selected = selections.filter((selection) => selection.selected);
  if (selected.length > 0)
    return ok('notSelected', `${kind} ${at} is selected by ${selected.map(({ prometheus }) => prometheus).join(', ')}`);
  if (selections.length === 0)
    return wrong(
      'notSelected',
      `${kind} ${at}: the cluster has no Prometheus object that could select it`,
      'Install one: kube-prometheus-stack includes prometheus-operator and a Prometheus',
    );
  return wrong('notSelected', describeGaps(`${kind} ${at}`, selections), remedyFor(kind, object, selections));
}

function describeGaps(what: string, selections: readonly Selection[]): string {
  const gaps = selections.map(
    ({ prometheus, gaps }) => `${prometheus}: ${gaps.map(({ message }) => message).join(', ')}`,
  );
  return `${what} is selected by no Prometheus. ${gaps.join('; ')}`;
}

/**
 * Returns the remedy for an object that no Prometheus selects: how to get it selected by the Prometheus whose selectors
 * come closest to a match.
 */
function remedyFor(kind: SelectableKind, { metadata }: KubeObject, selections: readonly Selection[]): string {
  const [nearest] = [...selections].sort((a, b) => a.gaps.length - b.gaps.length);
  const labelling = describeLabelling(nearest?.gaps ?? [], metadata.namespace ?? '');
  const widen = `let the Prometheus select every object: with kube-prometheus-stack, prometheus.prometheusSpec.${selectorValues[kind]}=false`;
  return labelling ? `${labelling}; or ${widen}` : `Widen its selectors: ${widen}`;
}

function checkDashboards(configMaps: readonly KubeObject[]): Finding[] {
  const key = labels.grafanaDashboard;
  const unlabelled = configMaps.filter(({ metadata }) => metadata.labels?.[key] !== '1');
  if (configMaps.length > 0 && unlabelled.length === 0)
    return [
      ok(
        'dashboardNotLoaded',
        `${configMaps.length} dashboards have the label ${key}: "1", which Grafana's sidecar looks for`,
      ),
    ];
  return unlabelled.map(({ metadata }) =>
    wrong(
      'dashboardNotLoaded',
      `ConfigMap ${metadata.namespace}/${metadata.name} has ${key}: ${JSON.stringify(metadata.labels?.[key] ?? null)}, but the sidecar looks for "1"`,
      'The controller restores the label within seconds. If it does not, another program writes the label, or the controller is not at work',
    ),
  );
}
