/**
 * Translates zod's issues into messages in the style of the schema's own messages (`must be …`). For a misspelt choice, the
 * message names the nearest valid choice. Pure.
 */
import type { z } from 'zod';
import { findNearest } from '#base/find-nearest.ts';

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
 * Returns the message for an issue, or undefined if zod's own message is good enough. Pass this function as the `error` option
 * of a parse.
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
