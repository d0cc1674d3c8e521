/** Makes random requests to an API from its OpenAPI document: half as the document allows them, half with a part that is wrong. */
import fc from 'fast-check';

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface RandomRequest {
  readonly method: string;
  /** The path of the document, with its parameters in braces. */
  readonly route: string;
  /** The path with values, and the query. */
  readonly target: string;
  readonly body: unknown;
  /** The statuses that the document names for the operation. */
  readonly documented: readonly string[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const [noDay, noTime] = ['["2026-02-30T00:00:00.000000Z","a"]', '["x",1]'].map((cursor) =>
  Buffer.from(cursor).toString('base64url'),
);
/** Values that break careless code: borders of types, texts that databases refuse, deep and odd objects. */
const hostileValues: readonly unknown[] = [
  ...['', '\0', '\ud800', '\u202e', '%00', '..', "'; drop table orders; --", 'x'.repeat(5_000), '2021-02-30T00:00:00Z'],
  ...['9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', noDay, noTime],
  ...[-1, 0, 1e308, 5e-324, Number.MAX_SAFE_INTEGER + 2, '0x10', '1e3', 'NaN', null, true],
  ...[[], {}, [[[[]]]], { __proto__: null, constructor: 1 }, Array.from({ length: 300 }, () => 1)],
];
const hostile = fc.constantFrom(...hostileValues);

/**
 * Returns an arbitrary request of any operation of the document.
 * @param known ids that exist, so that some requests reach something
 */
export function anyRequest(document: Document, known: readonly string[]): fc.Arbitrary<RandomRequest> {
  const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
    METHODS.filter((method) => methods[method]).map((method) => requestOf(method, route, methods[method]!, known)),
  );
  return fc.oneof(...operations);
}

/** Lists requests that read with each hostile value in each parameter of the query, one at a time. */
export function listHostileReads(document: Document, known: string): string[] {
  return Object.entries(document.paths).flatMap(([route, { get }]) => {
    const path = route.replaceAll(/\{\w+\}/g, known);
    const names = (get?.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name);
    return names.flatMap((name) => hostileValues.map((value) => `${path}?${name}=${encode(value)}`));
  });
}

function requestOf(
  method: string,
  route: string,
  operation: Operation,
  known: readonly string[],
): fc.Arbitrary<RandomRequest> {
  const { parameters = [], requestBody, responses } = operation;
  const valueFor = (schema: Schema) =>
    fc.oneof({ weight: 4, arbitrary: anyValue(schema) }, { weight: 1, arbitrary: hostile });
  const anyParameter = ({ in: place, required, schema }: Parameter) => {
    if (place === 'path') return fc.oneof(fc.constantFrom(...known), valueFor(schema));
    const value = fc.oneof(hostile, valueFor(schema));
    return required ? value : fc.option(value, { nil: undefined });
  };
  const values = parameters.map((parameter) => fc.tuple(fc.constant(parameter.name), anyParameter(parameter)));
  const schema = requestBody && Object.values(requestBody.content)[0]?.schema;
  return fc
    .record({ values: fc.tuple(...values), body: schema ? valueFor(schema).chain(spoil) : fc.constant(undefined) })
    .map(({ values: chosen, body }) => {
      const byName = new Map(chosen as [string, unknown][]);
      const path = route.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(byName.get(name)));
      const query = parameters
        .filter(({ name, in: place }) => place === 'query' && byName.get(name) !== undefined)
        .map(({ name }) => `${name}=${encode(byName.get(name))}`);
      const target = query.length > 0 ? `${path}?${query.join('&')}` : path;
      return { method: method.toUpperCase(), route, target, body, documented: Object.keys(responses) };
    });
}

/** Replaces a member of an object by a hostile value, or adds one, now and then. */
function spoil(body: unknown): fc.Arbitrary<unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return fc.constant(body);
  const name = fc.constantFrom(...Object.keys(body), 'unknown');
  const spoiled = fc.tuple(name, hostile).map(([key, value]) => ({ ...body, [key]: value }));
  return fc.oneof(fc.constant(body), spoiled);
}

function encode(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return encodeURIComponent(text.toWellFormed());
}

function anyValue(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(anyValue));
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object') return anyObject(schema);
  if (type === 'array') {
    const { minItems: minLength = 0, maxItems = 5 } = schema;
    return fc.array(anyValue(schema.items ?? {}), { minLength, maxLength: Math.max(minLength, Math.min(maxItems, 5)) });
  }
  if (type === 'string') return anyText(schema);
  if (type === 'integer' || type === 'number') return anyNumber(schema, type);
  if (type === 'boolean') return fc.boolean();
  return type === 'null' ? fc.constant(null) : fc.jsonValue();
}

function anyObject({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const members = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, anyValue(schema)]));
  return fc.record(members, { requiredKeys: required.filter((name) => name in members) });
}

function anyText({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<unknown> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  if (pattern) return fc.stringMatching(new RegExp(pattern, 'u'));
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
}

function anyNumber(schema: Schema, type: 'integer' | 'number'): fc.Arbitrary<unknown> {
  const least = schema.minimum ?? schema.exclusiveMinimum ?? -1e6;
  const most = schema.maximum ?? schema.exclusiveMaximum ?? Math.max(least, 1e6);
  if (type === 'integer') return fc.integer({ min: Math.ceil(least), max: Math.min(Math.floor(most), 2 ** 31 - 1) });
  return fc.double({ min: least, max: most, noNaN: true });
}
