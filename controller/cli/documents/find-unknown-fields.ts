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

/** The known name nearest to a mistyped one, when it is near enough to be what was meant. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((one) => ({ one, distance: editDistance(name.toLowerCase(), one.toLowerCase()) }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.floor(name.length / 3)) ? best.one : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
