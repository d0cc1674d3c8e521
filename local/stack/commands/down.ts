import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { withFileLock } from '../../provision/file-lock.ts';
import { isFree } from '../../servers/free-port.ts';
import { type StackConsole, startConsole } from '../console.ts';
import { listEntries } from '../entries/list-entries.ts';
import { openStack, StackError } from '../open-stack.ts';
import { findPortOwner } from '../processes/check-ports.ts';
import { listProcesses, type ProcessRecord } from '../processes/process-table.ts';
import { type GraphNode, reverseGraph, runGraph } from '../processes/run-graph.ts';
import { stopProcess } from '../processes/stop-process.ts';
import type { StatePaths } from '../state.ts';

/** Ends every process of the stack, those first that others do not need. The data stays. */
export async function stopStack(paths: StatePaths): Promise<void> {
  const console = startConsole();
  const onWait = () => console.line('another command is at work on this stack: waiting for it');
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
  console.line('everything is down; the data stays (make clean removes it)');
}

/** The stack's graph backwards; a process that this version does not know any more has no place in it and ends at once. */
function planStop(paths: StatePaths, names: readonly string[]): GraphNode[] {
  const context = openStack(paths);
  const entries = context ? listEntries(context) : [];
  const unknown = names.filter((name) => !entries.some((entry) => entry.name === name));
  // one that does not end must not keep the others up: what it needs is ended all the same
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
  const lines = held.map((port) => {
    const owner = findPortOwner(port);
    return `  ${port} by ${owner ? `pid ${owner.pid}: ${owner.command.slice(0, 120)}` : 'a process of another user'}`;
  });
  throw new StackError(`every process of the stack has ended, but ports of it are still taken:\n${lines.join('\n')}`);
}

/** Ends everything and removes its data: the folder of the stack, and that of Postgres where it lies elsewhere. */
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
  console.log(`removed ${paths.root}; the parts stay in the cache`);
}

/** The folder that the stacks of several clones share goes with the last of them. */
function removeWhenEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
