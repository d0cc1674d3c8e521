/** A command's view of the outside: everything but servers. Tests pass their own. */

import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';

export interface CommandIo {
  /** What was asked for. */
  out(text: string): void;
  /** Notes and problems, a line each. */
  err(line: string): void;
  /** Of a file, or of standard input for `-`. */
  read(file: string): Promise<string>;
  now(): Date;
}

export function openCommandIo(): CommandIo {
  return {
    out: (chunk) => void process.stdout.write(chunk),
    err: (line) => void process.stderr.write(`${line}\n`),
    read: async (file) => (file === '-' ? text(process.stdin) : readFileSync(file, 'utf8')),
    now: () => new Date(),
  };
}

/** What a command's end says to a script. */
export const exitCodes = {
  ok: 0,
  /** It worked, and what it looked at is not as it should be: wrong input, a difference, a finding, an alert that fired. */
  wrong: 1,
  /** It could not be done: wrong arguments, a file or a server that does not answer. Nothing is known. */
  failed: 2,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Something the user can mend; its message says how. Ends the command with exit code 2. */
export class Failure extends Error {}

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
