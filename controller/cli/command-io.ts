/**
 * Input, output and exit codes of all commands. Through a CommandIo, a command reads files and the clock, and prints
 * text, YAML or JSON. This file touches only the process's own streams and files, no server. Tests pass their own
 * CommandIo.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';

export interface CommandIo {
  /** Prints the command's result to standard output. */
  out(text: string): void;
  /** Prints one line to standard error: a note, a problem or progress. */
  err(line: string): void;
  /** Returns the content of a file, or of standard input for `-`. */
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

export const exitCodes = {
  ok: 0,
  /**
   * Exit code of a command that worked and found something: invalid input, a difference, a finding of the doctor, an
   * alert that fired.
   */
  wrong: 1,
  /**
   * Exit code of a command that could not do its work: wrong arguments, an unreadable file, a server that does not
   * respond.
   */
  failed: 2,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error that the user can fix; its message says how. Ends the command with exit code 2, without a stack trace. */
export class Failure extends Error {}

export const outputFormats = ['yaml', 'json'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Prints objects so that kubectl can read them: YAML documents, or one JSON List. */
export function printObjects(objects: readonly object[], format: OutputFormat): string {
  if (format === 'json') return printValue({ apiVersion: 'v1', kind: 'List', items: objects }, 'json');
  return objects.map((object) => printValue(object, 'yaml')).join('---\n');
}

export function printValue(value: object, format: OutputFormat): string {
  if (format === 'json') return `${JSON.stringify(value, undefined, 2)}\n`;
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
