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
 */
export function buildValuesSchema(fields: readonly ValueField[]): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart trading-platform',
    type: 'object',
    additionalProperties: false,
    properties: buildProperties(fields, { all: fields, isOpen: false }),
  };
}

interface Surroundings {
  readonly all: readonly ValueField[];
  /** Whether a surrounding map accepts any field. */
  readonly isOpen: boolean;
}

function buildProperties(fields: readonly ValueField[], around: Surroundings): Record<string, Schema> {
  return Object.fromEntries(fields.map((field) => [field.path.at(-1)!, buildField(field, around)]));
}

function buildField({ description, value, fields, keywords }: ValueField, around: Surroundings): Schema {
  const { extends: extended, properties: more = {}, ...given } = keywords as Keywords;
  const about = description === '' ? {} : { description };
  if (Array.isArray(value)) return { ...about, type: 'array', ...given };
  if (typeof value !== 'object' || value === null) return { ...about, ...typeOf(value), ...given };
  const inherited = extended === undefined ? {} : referTo(extended, around.all);
  const isOneLine = fields.length === 0 && extended === undefined;
  const isOpen = around.isOpen || given.additionalProperties === true;
  const properties = { ...inherited, ...buildProperties(fields, { ...around, isOpen }) };
  for (const [name, schema] of Object.entries(more)) properties[name] = { allOf: [properties[name] ?? {}, schema] };
  return { ...about, type: 'object', additionalProperties: isOpen || isOneLine, ...given, properties };
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
