import type { StructuralSchema } from '../../api/crd.ts';
import type { FieldPath } from './source-document.ts';

/** Paths of fields that a schema does not know: typing errors, which a server would drop or refuse. Pure. */
export function findUnknownFields(schema: StructuralSchema, value: unknown, path: FieldPath = []): FieldPath[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => findUnknownFields(items, item, [...path, index])) : [];
  }
  if (value === null || typeof value !== 'object') return [];
  const { properties, additionalProperties } = schema;
  if (!properties && !additionalProperties) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    return known ? findUnknownFields(known, inner, [...path, name]) : [[...path, name]];
  });
}
