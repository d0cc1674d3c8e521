/**
 * Whether a Prometheus object picks up what was generated, and if not, which label is missing. Pure. In: Prometheus objects,
 * a ServiceMonitor or PrometheusRule, and the labels of its namespace. Out: one answer a Prometheus. The semantics are
 * prometheus-operator's: an absent selector selects nothing, an empty one everything; an absent namespace selector means the
 * Prometheus' own namespace.
 */
import type { KubeObject } from '../../api/kube-object.ts';

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** What is asked for: a generated object, as far as selection looks at it. */
export interface Selectable {
  readonly kind: SelectableKind;
  readonly namespace: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
}

export type SelectableKind = 'ServiceMonitor' | 'PrometheusRule';

/** A label that keeps the object, or its namespace, from being selected. */
export interface SelectionGap {
  readonly on: 'object' | 'namespace';
  /** As kubectl writes it: `release=kps`, `tier in (a,b)`, `!legacy`; absent when no label could help. */
  readonly wanted?: string;
  readonly message: string;
}

export interface Selection {
  /** `namespace/name` of the Prometheus. */
  readonly prometheus: string;
  readonly selected: boolean;
  /** Empty when it is selected. */
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

/** How to give what was generated, and its namespace, the labels that are missing; undefined where no label helps. */
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

/** The requirements of a selector that labels do not meet, in its order. Empty: it selects them. */
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
