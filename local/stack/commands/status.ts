import { statSync } from 'node:fs';
import { isProcess, listEntries, type ProcessStackEntry } from '../entries/list-entries.ts';
import { openStack } from '../open-stack.ts';
import { isRunning, readProcess } from '../processes/process-table.ts';
import { isReady } from '../processes/start-entry.ts';
import type { StackContext } from '../stack-context.ts';
import type { StatePaths } from '../state.ts';
import { readPlatformState } from './platform-state.ts';

type State = 'ready' | 'not ready' | 'ended' | 'not started';

interface Row {
  readonly name: string;
  readonly state: State;
  readonly pid: string;
  readonly address: string;
  readonly log: string;
}

/** Prints the state of every process and of the platform. Returns whether everything is ready. */
export async function showStatus(paths: StatePaths): Promise<boolean> {
  const context = openStack(paths);
  if (!context) {
    console.log('nothing runs: run make up');
    return false;
  }
  const entries = listEntries(context).filter(isProcess);
  const rows = await Promise.all(entries.map((entry) => describeEntry(entry, context)));
  printTable(rows);
  const wanted = rows.filter(({ name, state }) => name !== 'grafana' || state !== 'not started');
  const allReady = wanted.every(({ state }) => state === 'ready');
  if (rows.every(({ state }) => state === 'not started')) return false;
  const platform = await readPlatformState(context);
  console.log();
  console.log(`TradingPipeline platform: ${platform.ready ? 'Ready' : `not Ready (${platform.reason})`}`);
  const operator = platform.operatorUp ? 'scraped too' : 'not scraped';
  console.log(`Prometheus: ${platform.targetsUp}/${platform.targets} targets up; the operator itself is ${operator}`);
  return allReady && platform.ready && platform.targetsUp === platform.targets;
}

async function describeEntry(entry: ProcessStackEntry, { paths, settings }: StackContext): Promise<Row> {
  const record = readProcess(paths.processes, entry.name);
  const [port] = entry.process.ports;
  const running = record !== undefined && isRunning(record);
  const ready = running && (await isReady(entry, settings));
  return {
    name: entry.name,
    state: !record ? 'not started' : !running ? 'ended' : ready ? 'ready' : 'not ready',
    pid: running ? String(record.pid) : '',
    address: port ? `127.0.0.1:${settings.ports[port]}` : '',
    log: record ? describeSize(record.logFile) : '',
  };
}

function describeSize(file: string): string {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return `${file} (${(bytes / 1000).toFixed(0)} kB)`;
}

function printTable(rows: readonly Row[]): void {
  const header: Record<keyof Row, string> = {
    name: 'NAME',
    state: 'STATE',
    pid: 'PID',
    address: 'ADDRESS',
    log: 'LOG',
  };
  const all = [header, ...rows];
  const columns = Object.keys(header) as (keyof Row)[];
  const widths = columns.map((column) => Math.max(...all.map((row) => row[column].length)));
  for (const row of all)
    console.log(
      columns
        .map((column, index) => row[column].padEnd(widths[index]!))
        .join('  ')
        .trimEnd(),
    );
}
