/**
 * Checks an object against a CRD's schema: types, required fields, patterns, enumerations and bounds. It also reports fields that are not
 * in the schema, because the API server would drop them silently. Pure.
 */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** Returns the problems, each with the path of its field. */
export function checkStructure(value: unknown, schema: Schema, path = ''): string[] {
  if (schema['x-kubernetes-int-or-string'])
    return ['number', 'string'].includes(typeof value) ? [] : [`${path}: wrong type`];
  if (schema.type !== undefined && schema.type !== typeOf(value, schema.type))
    return [`${path}: expected ${schema.type}`];
  if (Array.isArray(value)) return checkItems(value, schema, path);
  if (typeof value === 'object' && value !== null) return checkFields(value as Record<string, unknown>, schema, path);
  return checkScalar(value, schema).map((wrong) => `${path}: ${wrong}`);
}

function typeOf(value: unknown, wanted: string): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  if (typeof value === 'number') return wanted === 'integer' && Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkItems(items: readonly unknown[], schema: Schema, path: string): string[] {
  const few = items.length < (schema.minItems ?? 0) ? [`${path}: has too few items`] : [];
  return [...few, ...items.flatMap((item, index) => checkStructure(item, schema.items ?? {}, `${path}[${index}]`))];
}

function checkFields(value: Record<string, unknown>, schema: Schema, path: string): string[] {
  const missing = (schema.required ?? [])
    .filter((name) => value[name] === undefined)
    .map((name) => `${path}.${name}: missing`);
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    const open = schema['x-kubernetes-preserve-unknown-fields'] || (!schema.properties && known === undefined);
    if (typeof known === 'object') return checkStructure(field, known, `${path}.${name}`);
    return known === true || open ? [] : [`${path}.${name}: unknown field, the API server would drop it`];
  });
  return [...missing, ...wrong];
}

function checkScalar(value: unknown, schema: Schema): string[] {
  const text = String(value);
  return [
    schema.enum && !schema.enum.includes(value) && `${text} is none of ${schema.enum.join(', ')}`,
    schema.pattern !== undefined &&
      !new RegExp(schema.pattern).test(text) &&
      `${text} does not match ${schema.pattern}`,
    text.length < (schema.minLength ?? 0) && 'is too short',
    text.length > (schema.maxLength ?? Number.POSITIVE_INFINITY) && 'is too long',
    typeof value === 'number' && value < (schema.minimum ?? Number.NEGATIVE_INFINITY) && 'is too small',
  ].filter((wrong) => typeof wrong === 'string');
}
