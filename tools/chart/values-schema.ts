import type { ValueField } from './read-values.ts';

type Schema = Readonly<Record<string, unknown>>;

interface Keywords extends Schema {
  readonly extends?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/**
 * The JSON Schema by which Helm checks a user's values: types come from the defaults, the rest from the comments. A map
 * takes only the fields it has; a map written in one line takes any, and so does one with `additionalProperties: true`
 * and all below it. `extends: NAME` gives a map the fields of the map NAME as well.
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
  /** Whether a map around takes any field. */
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
  if (!target) throw new Error(`values.yaml has no field ${name} to extend`);
  return Object.fromEntries(
    target.fields.map(({ path }) => [path.at(-1)!, { $ref: `#/properties/${path.join('/properties/')}` }]),
  );
}

function typeOf(value: unknown): Schema {
  return { type: typeof value === 'number' ? 'integer' : typeof value };
}
