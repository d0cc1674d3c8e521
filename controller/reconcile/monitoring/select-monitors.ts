/**
 * Finds out whether a Prometheus object selects the generated ServiceMonitors and PrometheusRules, and if not, which labels are
 * missing. Builds the verdict for MonitorsSelected from the result. Pure. The semantics are those of prometheus-operator: an
 * absent selector selects nothing, an empty one everything; an absent namespace selector means the namespace of the Prometheus
 * object.
 */
import type { KubeObject } from '../../api/kube-object.ts';
import { reasons } from '../../api/names.ts';
import type { Verdict } from '../status/verdict.ts';

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelRequirement[];
}

interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** The fields of a generated object that selectors are matched against. */
export interface Selectable {
  readonly kind: SelectableKind;
  readonly namespace: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
}

export type SelectableKind = 'ServiceMonitor' | 'PrometheusRule';

/** A requirement that the object, or its namespace, does not meet. */
interface SelectionGap {
  readonly on: 'object' | 'namespace';
  /** The requirement in the syntax of kubectl: `release=kps`, `tier in (a,b)`, `!legacy`; absent if no label would help. */
  readonly wanted?: string;
  readonly message: string;
}

export interface Selection {
  /** `namespace/name` of the Prometheus object. */
  readonly prometheus: string;
  readonly selected: boolean;
  /** The requirements that the object or its namespace does not meet; empty if the object is selected. */
  readonly gaps: readonly SelectionGap[];
}

interface PrometheusSpec {
  readonly serviceMonitorSelector?: LabelSelector;
  readonly serviceMonitorNamespaceSelector?: LabelSelector;
  readonly ruleSelector?: LabelSelector;
  readonly ruleNamespaceSelector?: LabelSelector;
}

const selectorFields = {
  ServiceMonitor: { object: 'serviceMonitorSelector', namespace: 'serviceMonitorNamespaceSelector' },
  PrometheusRule: { object: 'ruleSelector', namespace: 'ruleNamespaceSelector' },
} as const;

/** A generated object in the cluster, with its current labels, which users may have changed. */
export interface LabelledObject {
  readonly name: string;
  readonly labels: Labels;
}

/** Objects of one kind that belong to one TradingPipeline. */
interface SelectableObjects {
  readonly kind: SelectableKind;
  readonly namespace: string;
  readonly objects: readonly LabelledObject[];
}

interface PrometheusObjects {
  /** The Prometheus objects of the cluster; undefined if they cannot be listed. */
  readonly objects: readonly KubeObject[] | undefined;
  /** Labels of the TradingPipeline's namespace; undefined if namespaces cannot be listed. */
  readonly namespaceLabels: Labels | undefined;
}

/** Whether each object of a TradingPipeline is selected by some Prometheus object. */
export type SelectionAnswer =
  | { readonly state: 'unreadable' | 'noPrometheus' | 'selected' }
  | {
      readonly state: 'notSelected';
      /** Names of the objects that no Prometheus selects. */
      readonly objects: readonly string[];
      /** `namespace/name` of the Prometheus object with the fewest gaps to the first of `objects`. */
      readonly prometheus: string;
      readonly gaps: readonly SelectionGap[];
    };

export type Gaps = Extract<SelectionAnswer, { state: 'notSelected' }>;

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

/** Matches an object against the selectors of each Prometheus object. Returns one result for each Prometheus object. */
export function matchSelections(prometheuses: Iterable<KubeObject>, object: Selectable): Selection[] {
  return [...prometheuses].map((prometheus) => matchSelection(prometheus, object));
}

export function matchSelection(prometheus: KubeObject, object: Selectable): Selection {
  const { name, namespace = '' } = prometheus.metadata;
  const spec = (prometheus.spec ?? {}) as PrometheusSpec;
  const fields = selectorFields[object.kind];
  const gaps = [
    ...findObjectGaps(spec[fields.object], fields.object, object),
    ...findNamespaceGaps(spec[fields.namespace], { field: fields.namespace, own: namespace }, object),
  ];
  return { prometheus: `${namespace}/${name}`, selected: gaps.length === 0, gaps };
}

function findObjectGaps(selector: LabelSelector | undefined, field: string, { kind, labels }: Selectable) {
  if (!selector) return [{ on: 'object', message: `it has no ${field}, so it selects no ${kind} at all` } as const];
  return findUnmet(selector, labels).map((wanted) => ({
    on: 'object' as const,
    wanted,
    message: `its ${field} wants ${wanted} on the ${kind}`,
  }));
}

function findNamespaceGaps(
  selector: LabelSelector | undefined,
  { field, own }: { readonly field: string; readonly own: string },
  { namespace, namespaceLabels }: Selectable,
): SelectionGap[] {
  if (!selector) {
    if (own === namespace) return [];
    return [{ on: 'namespace', message: `it has no ${field}, so it looks into its own namespace ${own} only` }];
  }
  return findUnmet(selector, namespaceLabels).map((wanted) => ({
    on: 'namespace',
    wanted,
    message: `its ${field} wants ${wanted} on the namespace ${namespace}`,
  }));
}

/** Builds the verdict for the condition MonitorsSelected of a TradingPipeline with `count` ServiceMonitors. */
export function judgeSelection(monitors: SelectionAnswer, count: number, namespace: string): Verdict {
  if (monitors.state === 'unreadable') {
    const message =
      'Prometheus objects or namespaces cannot be listed: apply the CRDs of prometheus-operator and the ClusterRole of the controller';
    return { status: 'Unknown', reason: reasons.prometheusObjectsUnreadable, message };
  }
  if (monitors.state === 'noPrometheus') {
    const message =
      'the cluster has no Prometheus object that could select a ServiceMonitor: install prometheus-operator with a Prometheus';
    return { status: 'False', reason: reasons.prometheusNotFound, message };
  }
  if (monitors.state === 'notSelected') {
    return {
      status: 'False',
      reason: reasons.labelMissing,
      message: describeGaps('ServiceMonitor', monitors, namespace),
    };
  }
  const selected = count === 1 ? '1 ServiceMonitor is' : `${count} ServiceMonitors are`;
  return { status: 'True', reason: reasons.monitorsPicked, message: `${selected} selected by a Prometheus object` };
}

/** Says which requirements the objects do not meet, and how to meet them. */
export function describeGaps(kind: SelectableKind, { objects, prometheus, gaps }: Gaps, namespace: string): string {
  const found = gaps.map(({ message }) => message).join(', and ');
  const remedy = describeLabelling(gaps, namespace) ?? 'Change the selectors of the Prometheus object';
  return `Prometheus ${prometheus} does not select ${kind} ${objects.join(', ')}: ${found}. ${remedy}`;
}

/**
 * Tells the user how to add the missing labels, to the objects or to the namespace. Returns undefined if no label would help.
 */
export function describeLabelling(gaps: readonly SelectionGap[], namespace: string): string | undefined {
  const found = gaps.map(({ on, wanted = '' }) => ({
    on,
    label: /^([^\s!=]+)(?:(?:=| in \()([^,)]*).*)?$/.exec(wanted),
  }));
  if (found.some(({ label }) => label === null)) return undefined;
  const labels = (where: SelectionGap['on'], write: (key: string, value: string) => string) =>
    found.flatMap(({ on, label }) => (on === where ? [write(label?.[1] ?? '', label?.[2] ?? '')] : []));
  const own = labels('object', (key, value) => `${key}: ${JSON.stringify(value)}`);
  const outer = labels('namespace', (key, value) => `${key}=${value}`);
  return [
    ...(own.length > 0 ? [`Set spec.labels of the TradingPipeline to {${own.join(', ')}}`] : []),
    ...(outer.length > 0 ? [`kubectl label namespace ${namespace} ${outer.join(' ')}`] : []),
  ].join(', and run ');
}

/**
 * Returns the requirements of a selector that the labels do not meet, in the order of the selector; empty if the selector
 * matches the labels.
 */
export function findUnmet(selector: LabelSelector, labels: Labels): string[] {
  const equalities = Object.entries(selector.matchLabels ?? {})
    .filter(([key, value]) => labelOf(labels, key) !== value)
    .map(([key, value]) => `${key}=${value}`);
  const expressions = (selector.matchExpressions ?? []).filter((one) => !isMet(one, labels)).map(formatRequirement);
  return [...equalities, ...expressions];
}

function isMet({ key, operator, values = [] }: LabelRequirement, labels: Labels): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function formatRequirement({ key, operator, values = [] }: LabelRequirement): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}
