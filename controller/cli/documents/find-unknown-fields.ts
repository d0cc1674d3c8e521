import { findNearest } from '#base/find-nearest.ts';
import { buildStructuralSchema, type StructuralSchema } from '../../api/crd.ts';
import { KIND } from '../../api/names.ts';
import { tradingPipelineSpecSchema } from '../../api/trading-pipeline.ts';
import { type FieldPath, valueAt } from './source-document.ts';

const topFields = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
let specSchema: StructuralSchema | undefined;

/**
 * Lists the fields of a TradingPipeline that the schema does not have, each with a message that names the nearest known
 * field. Most of these fields are typing errors, which the API server would drop or refuse. Pure.
 */
export function findUnknownFields(raw: object): [path: FieldPath, message: string][] {
  specSchema ??= buildStructuralSchema(tradingPipelineSpecSchema);
  const schema = specSchema;
  const outside = Object.keys(raw).filter((name) => !topFields.includes(name));
  return [
    ...outside.map((name): [FieldPath, string] => [[name], unknownMessage(name, topFields)]),
    ...findUnknown(schema, valueAt(raw, ['spec'])).map((path): [FieldPath, string] => [
      ['spec', ...path],
      unknownMessage(String(path.at(-1)), fieldsBeside(schema, path)),
    ]),
  ];
}

function findUnknown(schema: StructuralSchema, value: unknown, path: FieldPath = []): FieldPath[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => findUnknown(items, item, [...path, index])) : [];
  }
  if (value === null || typeof value !== 'object') return [];
  const { properties, additionalProperties } = schema;
  if (!properties && !additionalProperties) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    return known ? findUnknown(known, inner, [...path, name]) : [[...path, name]];
  });
}

function unknownMessage(name: string, known: readonly string[]): string {
  const nearest = findNearest(name, known);
  return `is not a field of a ${KIND}${nearest ? `; do you mean ${nearest}?` : ''}`;
}

/** Returns the fields that the schema knows in the object that contains `path`. */
function fieldsBeside(schema: StructuralSchema, path: FieldPath): string[] {
  const parent = path.slice(0, -1).reduce<StructuralSchema | undefined>((at, step) => {
    return typeof step === 'number' ? at?.items : (at?.properties?.[step] ?? at?.additionalProperties);
  }, schema);
  return Object.keys(parent?.properties ?? {});
}
