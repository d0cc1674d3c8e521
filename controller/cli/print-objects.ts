import { stringify } from 'yaml';

export const outputFormats = ['yaml', 'json'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Objects for a pipe into kubectl: YAML documents, or one JSON List. Pure. */
export function printObjects(objects: readonly object[], format: OutputFormat): string {
  if (format === 'json') return printValue({ apiVersion: 'v1', kind: 'List', items: objects }, 'json');
  return objects.map((object) => printValue(object, 'yaml')).join('---\n');
}

export function printValue(value: object, format: OutputFormat): string {
  if (format === 'json') return `${JSON.stringify(value, undefined, 2)}\n`;
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
