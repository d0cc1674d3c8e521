import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NotHad } from './part.ts';
import type { StepLog } from './step-log.ts';

interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly log?: StepLog;
}

/** Runs a program to its end and returns its standard output. Throws NotHad with the last line of its output if it fails. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { log } = options;
  log?.write(`$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      log?.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4_000);
      log?.write(text);
    });
    child.on('error', (error) => reject(new NotHad(`${command} cannot be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(new NotHad(`${command} ${args[0] ?? ''} ended with ${signal ?? code}: ${lastLine(errors || output)}`));
    });
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim().slice(0, 200) || 'it printed nothing';
}

/** Returns the path of a program on PATH or in the given folders, or undefined. */
export function findExecutable(name: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...path, ...folders].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Returns the path of a program. Throws NotHad with the remedy if the program is not on PATH. */
export function needExecutable(name: string, remedy: string): string {
  const found = findExecutable(name);
  if (!found) throw new NotHad(`${name} is not on PATH (${remedy})`);
  return found;
}
