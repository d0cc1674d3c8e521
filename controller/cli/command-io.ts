/** A command's view of the outside: everything but servers. Tests pass their own. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

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
