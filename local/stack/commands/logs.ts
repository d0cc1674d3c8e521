import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isProcess, listEntries } from '../entries/list-entries.ts';
import { openStack, StackError } from '../open-stack.ts';
import type { StatePaths } from '../state.ts';

/** Prints the end of one process's log and, with `follow`, every new line. Returns the exit code of `tail`. */
export async function showLog(
  paths: StatePaths,
  name: string,
  options: { follow: boolean; lines: number },
): Promise<number> {
  const context = openStack(paths);
  if (!context) throw new StackError('this stack has never been started: run make up');
  const names = listEntries(context)
    .filter(isProcess)
    .map((entry) => entry.name);
  if (!names.includes(name)) throw new StackError(`process: expected one of ${names.join(', ')}, got ${name}`);
  const file = join(paths.logs, `${name}.log`);
  if (!existsSync(file)) throw new StackError(`${name} has not been started: run make start S=${name}`);
  // -F keeps following when the log is renamed and a new file takes its name
  const args = ['-n', String(options.lines), ...(options.follow ? ['-F'] : []), file];
  const child = spawn('tail', args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 0));
  });
}
