/** Whether some Prometheus object selects all of a resource's monitors, or rules; if not, the one that is nearest. Pure. */
import type { KubeObject } from '../../api/kube-object.ts';
import type { LabelledObject, SelectionAnswer } from './monitoring.ts';
import { matchSelections, type SelectableKind, type Selection } from './select-monitors.ts';

type Labels = Readonly<Record<string, string>>;

/** The Prometheus objects of the cluster; undefined when they cannot be listed. */
export interface PrometheusObjects {
  readonly objects: readonly KubeObject[] | undefined;
  /** Undefined when the namespaces cannot be listed. */
  readonly namespaceLabels: Labels | undefined;
}

export interface SelectableObjects {
  readonly kind: SelectableKind;
  readonly namespace: string;
  readonly objects: readonly LabelledObject[];
}

export function matchPrometheuses(wanted: SelectableObjects, found: PrometheusObjects): SelectionAnswer {
  if (!found.objects || !found.namespaceLabels) return { state: 'unreadable' };
  if (found.objects.length === 0) return { state: 'noPrometheus' };
  const { kind, namespace } = wanted;
  const { objects: prometheuses, namespaceLabels } = found;
  const unselected = wanted.objects.flatMap((object) => {
    const answers = matchSelections(prometheuses, { ...object, kind, namespace, namespaceLabels });
    return answers.some(({ selected }) => selected) ? [] : [{ name: object.name, nearest: findNearest(answers) }];
  });
  const nearest = unselected[0]?.nearest;
  if (!nearest) return { state: 'selected' };
  return {
    state: 'notSelected',
    objects: unselected.map(({ name }) => name),
    prometheus: nearest.prometheus,
    gaps: nearest.gaps,
  };
}

function findNearest(answers: readonly Selection[]): Selection | undefined {
  return [...answers].sort((a, b) => a.gaps.length - b.gaps.length || (a.prometheus < b.prometheus ? -1 : 1))[0];
}
