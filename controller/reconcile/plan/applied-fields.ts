/** What of an object is as our last apply set it, by what the API server says of who owns which field. Pure. */
import type { KubeObject } from '../../api/kube-object.ts';
import { annotations, FIELD_MANAGER, labels } from '../../api/names.ts';

/** An entry of managedFields: a tree of `f:name`, as far as it is read here. */
interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: {
    readonly 'f:metadata'?: { readonly 'f:labels'?: object; readonly 'f:annotations'?: object };
    readonly 'f:data'?: object;
  };
}

/** On every generated object of their kind: never to be taken away. */
const usual: ReadonlySet<string> = new Set([
  ...[labels.managedBy, labels.partOf, labels.pipeline, labels.grafanaDashboard].map(labelField),
  ...[annotations.sidecarFolder, annotations.grafanaFolder].map(annotationField),
]);

/** Labels and annotations that our last apply set beyond the usual ones, by labelField and annotationField. */
export function findExtraFields(object: KubeObject): string[] {
  const { 'f:labels': ownLabels, 'f:annotations': ownAnnotations } = applied(object)?.['f:metadata'] ?? {};
  return [...fieldNames(ownLabels).map(labelField), ...fieldNames(ownAnnotations).map(annotationField)].filter(
    (field) => !usual.has(field),
  );
}

/** Whether there is data, and none of it is ours any more: somebody wrote over what we applied. */
export function isEditedByOthers(object: KubeObject): boolean {
  const keys = Object.keys(object.data ?? {});
  const ours = fieldNames(applied(object)?.['f:data']);
  return keys.length > 0 && !keys.some((key) => ours.includes(key));
}

export function labelField(key: string): string {
  return `labels.${key}`;
}

export function annotationField(key: string): string {
  return `annotations.${key}`;
}

function applied({ metadata }: KubeObject): ManagedFields['fieldsV1'] {
  const entries = (metadata.managedFields ?? []) as readonly ManagedFields[];
  return entries.find(
    ({ manager, operation, subresource }) => manager === FIELD_MANAGER && operation === 'Apply' && !subresource,
  )?.fieldsV1;
}

function fieldNames(fields: object = {}): string[] {
  return Object.keys(fields).map((field) => field.slice('f:'.length));
}
