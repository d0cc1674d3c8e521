/** The rules of the schema that a zod type cannot express, and the messages for values that break a rule or a type. Pure. */
import { z } from 'zod';
import { findNearest } from '#base/find-nearest.ts';

/**
 * A validation rule that a type cannot express. The API server evaluates it as CEL; the controller and the command line call
 * `check`.
 */
interface Rule<Value> {
  readonly cel: string;
  readonly message: string;
  readonly check: (value: Value) => boolean;
  /**
   * Name of the direct subfield that the message is about. If absent, the message is about the field that the rule is
   * attached to.
   */
  readonly field?: string;
}

const VALIDATIONS = 'x-kubernetes-validations';

/** Adds rules that are enforced both by the API server, as CEL, and by parsing with the zod schema. */
export function withRules<Schema extends z.ZodType>(schema: Schema, ...rules: Rule<z.output<Schema>>[]): Schema {
  let ruled: z.ZodType = schema;
  for (const { check, message, field } of rules) {
    ruled = ruled.refine((value) => check(value as z.output<Schema>), { message, path: field ? [field] : [] });
  }
  const validations = rules.map(({ cel, message, field }) => ({
    rule: cel,
    message,
    ...(field && { fieldPath: `.${field}` }),
  }));
  const before = (schema.meta()?.[VALIDATIONS] ?? []) as object[];
  return ruled.meta({ ...schema.meta(), [VALIDATIONS]: [...before, ...validations] }) as Schema;
}

/** Adds rules for the API server only. Use this if the zod schema already contains an equivalent check. */
export function withCel<Schema extends z.ZodType>(schema: Schema, ...rules: Omit<Rule<unknown>, 'check'>[]): Schema {
  return withRules(schema, ...rules.map((rule) => ({ ...rule, check: () => true })));
}

/** Returns the schema of a list whose items have a unique key field. Server-side apply merges such lists item by item. */
export function listMap<Item extends z.ZodType>(item: Item, key: string & keyof z.output<Item>, max: number) {
  const unique = (items: readonly z.output<Item>[]) => new Set(items.map((one) => one[key])).size === items.length;
  return z
    .array(item)
    .max(max)
    .refine(unique, `each ${key} must be listed once`)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });
}

interface MapLimits {
  readonly min?: number;
  readonly max: number;
}

/** Returns the schema of a map of strings with a bounded number of entries, whose keys all match a pattern. */
export function stringMap(key: RegExp, value: z.ZodString, { min = 0, max }: MapLimits) {
  const entries = z
    .record(z.string(), value)
    .refine(
      (map) => Object.keys(map).length >= min && Object.keys(map).length <= max,
      `must have ${min} to ${max} entries`,
    )
    .meta({ maxProperties: max, ...(min > 0 && { minProperties: min }) });
  return withRules(entries, {
    cel: `self.all(key, key.matches('${key.source.replaceAll('\\', '\\\\')}'))`,
    message: `each key must match ${key.source}`,
    check: (map) => Object.keys(map).every((name) => key.test(name)),
  });
}

/** Writes a list of strings as a CEL literal. */
export function celList(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(', ')}]`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/**
 * Returns a message about a problem that zod found, worded like the messages of the rules (`must be …`). The message
 * names the nearest choice for a misspelt value. Passed to zod as the `error` option of a parse. Returns undefined if
 * zod's own message is good enough.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return describeChoice(issue.values.map(String), issue.input);
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return describeLimit(issue.inclusive ? 'at least' : 'more than', issue.minimum, issue.origin);
    case 'too_big':
      return describeLimit(issue.inclusive ? 'at most' : 'less than', issue.maximum, issue.origin);
    default:
      return undefined;
  }
}

function describeLimit(bound: string, limit: number | bigint, origin: string): string {
  return units[origin] ? `must have ${bound} ${limit}${units[origin]}` : `must be ${bound} ${limit}`;
}

function describeChoice(values: readonly string[], input: unknown): string {
  const nearest = typeof input === 'string' ? findNearest(input, values) : undefined;
  return `must be one of ${values.join(', ')}${nearest ? `; do you mean ${nearest}?` : ''}`;
}
