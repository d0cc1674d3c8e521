import type { z } from 'zod';
import type { FieldError } from '../errors/problems.ts';

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
export function compileFieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.map((issue) => ({ path: formatPath(issue.path), message: issue.message }));
}

/**
 * Returns an error for each field of `given` that is missing from `parsed`, the output of a schema for `given`. zod
 * drops unknown fields silently, but an unknown field is usually a misspelt one.
 */
export function findUnknownFields(given: unknown, parsed: unknown, path: readonly PropertyKey[] = []): FieldError[] {
  if (Array.isArray(given) && Array.isArray(parsed)) {
    return given.flatMap((item, index) => findUnknownFields(item, parsed[index], [...path, index]));
  }
  if (!isRecord(given) || !isRecord(parsed)) return [];
  return Object.keys(given).flatMap((key) => {
    const inner = [...path, key];
    if (!Object.hasOwn(parsed, key))
      return given[key] === undefined ? [] : [{ path: formatPath(inner), message: 'unknown field' }];
    return findUnknownFields(given[key], parsed[key], inner);
  });
}

/** Returns whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
