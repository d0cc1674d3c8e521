import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isProcess, listEntries } from '../entries/list-entries.ts';
import { openStack, StackError } from '../open-stack.ts';
import type { StatePaths } from '../state.ts';

/** Shows the end of one process' log, and what comes when it is followed. Answers the exit code. */
export async function showLog(
  paths: StatePaths,
  name: string,
  options: { follow: boolean; lines: number },
): Promise<number> {
  const context = openStack(paths);
  if (!context) throw new StackError('nothing has run yet: make up');
  const names = listEntries(context)
    .filter(isProcess)
    .map((entry) => entry.name);
  if (!names.includes(name)) throw new StackError(`there is no ${name}; there are ${names.join(', ')}`);
  const file = join(paths.logs, `${name}.log`);
  if (!existsSync(file)) throw new StackError(`${name} has not been started: make start S=${name}`);
  // -F: go on when the file is set aside and begun anew
  const args = ['-n', String(options.lines), ...(options.follow ? ['-F'] : []), file];
  const child = spawn('tail', args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 0));
  });
}
