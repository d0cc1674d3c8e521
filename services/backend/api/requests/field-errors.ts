import type { z } from 'zod';
import type { FieldError } from '../errors/problems.ts';

/** Most wrong fields that a response names. A client can send more than 100,000 in one body. */
const MAX_NAMED = 10;
/** Most characters of a path in a response, because a client chooses the names in it. */
const MAX_PATH = 200;

/** The first wrong fields of a request, and how many more there are. */
interface FieldErrors {
  readonly errors: readonly FieldError[];
  readonly more: number;
}

interface WrongField {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Formats the first wrong fields only, and counts the others: formatting all of them would block for a second. */
function gather(wrong: Iterable<WrongField>): FieldErrors {
  const errors: FieldError[] = [];
  let more = 0;
  for (const { path, message } of wrong) {
    if (errors.length < MAX_NAMED) errors.push({ path: shorten(formatPath(path)), message });
    else more += 1;
  }
  return { errors, more };
}

function shorten(path: string): string {
  return path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH).toWellFormed()}…`;
}

/** Formats a path as in JavaScript, for example `trigger.signals[0].type`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = String(key);
      if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

/** Turns the issues of zod into field errors. */
export function compileFieldErrors(issues: readonly z.core.$ZodIssue[]): FieldErrors {
  return gather(issues.map(({ path, message }) => ({ path, message })));
}

/**
 * Returns an error for each field of `given` that is missing from `parsed`, the output of a schema for `given`. zod
 * drops unknown fields silently, but an unknown field is usually a misspelt one.
 */
export function findUnknownFields(given: unknown, parsed: unknown): FieldErrors {
  return gather(unknownFields(given, parsed, []));
}

function* unknownFields(given: unknown, parsed: unknown, path: readonly PropertyKey[]): Generator<WrongField> {
  if (Array.isArray(given) && Array.isArray(parsed)) {
    for (const [index, item] of given.entries()) yield* unknownFields(item, parsed[index], [...path, index]);
  } else if (isRecord(given) && isRecord(parsed)) {
    for (const key of Object.keys(given)) {
      if (Object.hasOwn(parsed, key)) yield* unknownFields(given[key], parsed[key], [...path, key]);
      else if (given[key] !== undefined) yield { path: [...path, key], message: 'unknown field' };
    }
  }
}

/** Returns whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
