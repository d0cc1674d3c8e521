import { withFileLock } from '../../provision/file-lock.ts';
import { buildConsoleReport } from '../../provision/step-log.ts';
import { startConsole } from '../console.ts';
import { isProcess, listEntries, type ProcessStackEntry } from '../entries/list-entries.ts';
import { openStack, StackError } from '../open-stack.ts';
import { needFreePorts } from '../processes/check-ports.ts';
import { isRunning, readProcess } from '../processes/process-table.ts';
import { startEntry } from '../processes/start-entry.ts';
import { stopProcess } from '../processes/stop-process.ts';
import type { StackContext } from '../stack-context.ts';
import type { StatePaths } from '../state.ts';

/** Starts one process of a stack that was started before, and leaves the other processes as they are. */
export async function startOneProcess(paths: StatePaths, name: string): Promise<void> {
  const console = startConsole();
  await withFileLock(
    paths.lock,
    () => console.line('waiting for another command that works on this stack'),
    async () => {
      const { context, entry } = needEntry(paths, name);
      const record = readProcess(paths.processes, name);
      if (!record || !isRunning(record)) await needFreePorts(context.settings.ports, entry.process.ports);
      await startEntry(entry, { ...context, console });
    },
  );
}

/** Stops one process and leaves the other processes as they are, including processes that need the stopped process. */
export async function stopOneProcess(paths: StatePaths, name: string): Promise<void> {
  const console = startConsole();
  await withFileLock(
    paths.lock,
    () => console.line('waiting for another command that works on this stack'),
    async () => {
      needEntry(paths, name);
      const record = readProcess(paths.processes, name);
      console.step(name, record ? await stopProcess(paths.processes, record) : 'was not running');
    },
  );
}

function needEntry(paths: StatePaths, name: string): { context: StackContext; entry: ProcessStackEntry } {
  const context = openStack(paths, buildConsoleReport());
  if (!context) throw new StackError('this stack has never been started: run make up');
  const entries = listEntries(context).filter(isProcess);
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) {
    const names = entries.map((one) => one.name).join(', ');
    throw new StackError(`process: expected one of ${names}, got ${name}`);
  }
  return { context, entry };
}
