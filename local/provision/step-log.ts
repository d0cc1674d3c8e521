import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The log of one attempt to get a part: every command and its output, for when it fails. */
export interface StepLog {
  readonly path: string;
  write(text: string): void;
  /** The last line written that is not empty: what a long step is at. */
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

/** For steps that leave no trace, such as asking a program for its version. */
export const silentLog: StepLog = { path: '', write: () => {}, lastLine: () => '' };

/** Where provisioning tells what it does. One line, at once: the reader waits. */
export type Report = (part: string, text: string) => void;

const NAME_WIDTH = 20;

export function buildConsoleReport(write: (line: string) => void = console.log): Report {
  return (part, text) => write(`  ${part.padEnd(NAME_WIDTH)} ${text}`);
}

export const silent: Report = () => {};
