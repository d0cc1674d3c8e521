import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { withFileLock } from '../../provision/file-lock.ts';
import { isFree } from '../../servers/free-port.ts';
import { type StackConsole, startConsole } from '../console.ts';
import { listEntries } from '../entries/list-entries.ts';
import { openStack, StackError } from '../open-stack.ts';
import { describeOwner } from '../processes/check-ports.ts';
import { listProcesses, type ProcessRecord } from '../processes/process-table.ts';
import { type GraphNode, reverseGraph, runGraph } from '../processes/run-graph.ts';
import { stopProcess } from '../processes/stop-process.ts';
import type { StatePaths } from '../state.ts';

/** Stops every process of the stack, each after the processes that need it. Keeps the data. */
export async function stopStack(paths: StatePaths): Promise<void> {
  const console = startConsole();
  const onWait = () => console.line('waiting for another command that works on this stack');
  await withFileLock(paths.lock, onWait, () => stopAll(paths, console));
}

async function stopAll(paths: StatePaths, console: StackConsole): Promise<void> {
  const records = new Map(listProcesses(paths.processes).map((record) => [record.name, record]));
  if (records.size === 0) {
    console.line('nothing runs');
    return;
  }
  const failures = await runGraph(planStop(paths, [...records.keys()]), async ({ name }) => {
    const record = records.get(name);
    if (record) console.step(name, await stopProcess(paths.processes, record));
  });
  if (failures.size > 0)
    throw new StackError([...failures.values()].map((error) => (error as Error).message).join('\n'));
  needPortsFree(await listHeldPorts(paths, [...records.values()]));
  console.line('all processes have stopped; the data is kept (make clean removes it)');
}

/**
 * Returns the dependency graph of the stack reversed, so that a process stops after the processes that need it. A
 * process that this version of the program does not know any more has no dependencies, so it is stopped at once.
 */
function planStop(paths: StatePaths, names: readonly string[]): GraphNode[] {
  const context = openStack(paths);
  const entries = context ? listEntries(context) : [];
  const unknown = names.filter((name) => !entries.some((entry) => entry.name === name));
  return [...reverseGraph(entries), ...unknown.map((name) => ({ name, needs: [] }))];
}

async function listHeldPorts(paths: StatePaths, stopped: readonly ProcessRecord[]): Promise<number[]> {
  const context = openStack(paths);
  if (!context) return [];
  const names = new Set(stopped.map(({ name }) => name));
  const entries = listEntries(context).filter(({ name }) => names.has(name));
  const ports = entries.flatMap((entry) => entry.process?.ports ?? []).map((name) => context.settings.ports[name]);
  const free = await Promise.all(ports.map(isFree));
  return ports.filter((_, index) => !free[index]);
}

function needPortsFree(held: readonly number[]): void {
  if (held.length === 0) return;
  const lines = held.map((port) => `  ${port} by ${describeOwner(port)}`);
  throw new StackError(`all processes have stopped, but some of their ports are still in use:\n${lines.join('\n')}`);
}

/**
 * Stops every process and removes the stack's folder, and the data folder of Postgres if that is outside the stack's
 * folder.
 */
export async function cleanStack(paths: StatePaths): Promise<void> {
  if (!existsSync(paths.settings)) {
    console.log('nothing to remove');
    return;
  }
  await stopStack(paths);
  if (!paths.postgresData.startsWith(paths.root)) {
    const own = dirname(paths.postgresData);
    rmSync(own, { recursive: true, force: true });
    removeWhenEmpty(dirname(own));
  }
  rmSync(paths.root, { recursive: true, force: true });
  console.log(`removed ${paths.root}; the parts are kept in the cache`);
}

/** Removes the folder that the stacks of several git clones share, if no stack is left in it. */
function removeWhenEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
