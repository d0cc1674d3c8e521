import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The log of one attempt to get a part. Contains every command with its output, for the case that the attempt fails. */
export interface StepLog {
  readonly path: string;
  write(text: string): void;
  /** The last line that is not empty, which shows the progress of a long step. */
  lastLine(): string;
}

export function startStepLog(path: string): StepLog {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  let last = '';
  return {
    path,
    lastLine: () => last,
    write(text) {
      appendFileSync(path, text);
      last = text.trimEnd().split('\n').at(-1)?.trim() || last;
    },
  };
}

/** A log that keeps nothing, for steps such as asking a program for its version. */
export const silentLog: StepLog = { path: '', write: () => {}, lastLine: () => '' };

/** Receives the progress of provisioning, one line per step. The function must print at once, because a person waits. */
export type Report = (part: string, text: string) => void;

const NAME_WIDTH = 20;

export function buildConsoleReport(write: (line: string) => void = console.log): Report {
  return (part, text) => write(`  ${part.padEnd(NAME_WIDTH)} ${text}`);
}

export const silent: Report = () => {};
