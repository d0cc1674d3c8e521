import type { ValueField } from './read-values.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Keywords extends Schema {
  readonly extends?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/**
 * Builds the JSON Schema by which Helm checks a user's values. Types come from the defaults, all other keywords from the
 * comments. A map accepts only the fields that values.yaml lists. A map that is written in one line accepts any field, and so
 * do a map with `additionalProperties: true` and all maps inside it. `extends: NAME` adds the fields of the map NAME to a map.
 * A field whose default is not empty is required.
 */
export function buildValuesSchema(fields: readonly ValueField[]): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart trading-platform',
    type: 'object',
    additionalProperties: false,
    ...listRequired(fields),
    properties: buildProperties(fields, { all: fields, isOpen: false, isShared: false }),
  };
}

interface Surroundings {
  readonly all: readonly ValueField[];
  /** Whether a surrounding map accepts any field. */
  readonly isOpen: boolean;
  /** Whether other maps take over this field by `extends`. There it may be absent. */
  readonly isShared: boolean;
}

function buildProperties(fields: readonly ValueField[], around: Surroundings): Record<string, Schema> {
  return Object.fromEntries(fields.map((field) => [field.path.at(-1)!, buildField(field, around)]));
}

function buildField({ path, description, value, fields, keywords }: ValueField, around: Surroundings): Schema {
  const { extends: extended, properties: more = {}, ...given } = keywords as Keywords;
  const about = description === '' ? {} : { description };
  if (Array.isArray(value)) return { ...about, type: 'array', ...given };
  if (typeof value !== 'object' || value === null) return { ...about, ...typeOf(value), ...given };
  const inherited = extended === undefined ? {} : referTo(extended, around.all);
  const isOneLine = fields.length === 0 && extended === undefined;
  const isOpen = around.isOpen || given.additionalProperties === true;
  const isTarget = path.length === 1 && around.all.some((one) => isExtending(one, path[0]!));
  const isShared = around.isShared || isTarget;
  const properties = { ...inherited, ...buildProperties(fields, { ...around, isOpen, isShared }) };
  for (const [name, schema] of Object.entries(more)) properties[name] = { allOf: [properties[name] ?? {}, schema] };
  const required = isTarget ? requireAll(fields) : isOpen || isShared ? {} : listRequired(fields);
  return { ...about, type: 'object', additionalProperties: isOpen || isOneLine, ...required, ...given, properties };
}

/**
 * Returns the keyword `required`. Helm removes a field that a user's values leave without a value (`replicas:`), and its
 * default with it, before it checks the schema.
 */
function listRequired(fields: readonly ValueField[]): Schema {
  const required = fields.filter(needsValue).map(({ path }) => path.at(-1)!);
  return required.length > 0 ? { required } : {};
}

/** Returns the keywords that require fields at every level. They stand apart from the properties, which other maps refer to. */
function requireAll(fields: readonly ValueField[]): Schema {
  const inner = fields.filter(needsValue).filter((field) => field.fields.length > 0);
  const properties = Object.fromEntries(inner.map((field) => [field.path.at(-1)!, requireAll(field.fields)]));
  return { ...listRequired(fields), ...(inner.length > 0 && { allOf: [{ properties }] }) };
}

function isExtending({ keywords, fields }: ValueField, target: string): boolean {
  return keywords.extends === target || fields.some((field) => isExtending(field, target));
}

/** Whether a field without a value differs from its default. An empty default means the same as no value. */
function needsValue({ value, fields }: ValueField): boolean {
  if (fields.length > 0) return fields.some(needsValue);
  if (Array.isArray(value)) return value.length > 0;
  // a map in one line may be removed as a whole, such as `limits`
  return typeof value === 'object' ? false : Boolean(value);
}

function referTo(name: string, all: readonly ValueField[]): Record<string, Schema> {
  const target = all.find(({ path }) => path[0] === name);
  if (!target) throw new Error(`values.yaml: extends: ${name}: expected a field at the top, found none`);
  return Object.fromEntries(
    target.fields.map(({ path }) => [path.at(-1)!, { $ref: `#/properties/${path.join('/properties/')}` }]),
  );
}

function typeOf(value: unknown): Schema {
  return { type: typeof value === 'number' ? 'integer' : typeof value };
}
