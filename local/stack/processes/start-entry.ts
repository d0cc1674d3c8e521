import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeLog, LaunchError, launchServer, waitUntilReady } from '../../servers/launch.ts';
import { httpAnswers, portOpen } from '../../servers/probes.ts';
import type { StackConsole } from '../console.ts';
import type { ProcessStackEntry } from '../entries/list-entries.ts';
import { NotAvailable } from '../entries/stack-entry.ts';
import type { Settings, StatePaths } from '../state.ts';
import { isRunning, type ProcessRecord, readProcess, writeProcess } from './process-table.ts';

const GRACE_MS = 10_000;
const POLL_MS = 100;
/** A log larger than this is renamed to .old.log when its process starts. Only one old log is kept. */
const LOG_BYTES = 20_000_000;

interface StartOptions {
  readonly paths: StatePaths;
  readonly settings: Settings;
  readonly console: StackConsole;
}

/** Starts one process, unless it runs already, and waits until it is ready. */
export async function startEntry(entry: ProcessStackEntry, options: StartOptions): Promise<void> {
  const { paths, console } = options;
  const record = readProcess(paths.processes, entry.name);
  if (record && isRunning(record)) {
    await waitForRunning(entry, record, options);
    console.step(entry.name, `runs already${describeAddress(entry, options)} (pid ${record.pid})`);
    return;
  }
  try {
    await startNew(entry, options);
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    console.step(entry.name, error.message);
  }
}

async function startNew(entry: ProcessStackEntry, options: StartOptions): Promise<void> {
  const { paths, console } = options;
  const { server, version } = await entry.process.build();
  const started = performance.now();
  const logFile = join(paths.logs, `${entry.name}.log`);
  setAsideLargeLog(logFile);
  const { stopSignal = 'SIGTERM', graceMs = GRACE_MS } = server;
  const launched = await launchServer(server, logFile, {
    detached: true,
    onSpawn: (pid) => writeProcess(paths.processes, { name: entry.name, pid, logFile, stopSignal, graceMs }),
  });
  await waitUntilReady(server, launched, entry.process.readyMs);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const facts = [version, `pid ${launched.pid}`, `${seconds} s`].filter(Boolean).join(', ');
  console.step(entry.name, `ready${describeAddress(entry, options)} (${facts})`);
}

function setAsideLargeLog(file: string): void {
  if (existsSync(file) && statSync(file).size > LOG_BYTES) renameSync(file, file.replace(/\.log$/, '.old.log'));
}

async function waitForRunning(
  entry: ProcessStackEntry,
  record: ProcessRecord,
  { settings }: StartOptions,
): Promise<void> {
  const deadline = performance.now() + entry.process.readyMs;
  while (!(await isReady(entry, settings))) {
    if (!isRunning(record)) throw new LaunchError(`${entry.name} has exited${describeLog(record.logFile)}`);
    if (performance.now() > deadline) {
      const pid = `pid ${record.pid}`;
      throw new LaunchError(`${entry.name} (${pid}) runs but is not ready${describeLog(record.logFile)}`);
    }
    await sleep(POLL_MS);
  }
}

/** Whether the process of an entry is ready, checked from outside by its health path or its port. */
export function isReady({ process: { ports, health } }: ProcessStackEntry, settings: Settings): Promise<boolean> {
  const [name] = ports;
  if (!name) return Promise.resolve(true);
  const port = settings.ports[name];
  return health ? httpAnswers(`http://127.0.0.1:${port}${health}`) : portOpen(port);
}

function describeAddress({ process: { ports } }: ProcessStackEntry, { settings }: StartOptions): string {
  const [name] = ports;
  return name ? ` on 127.0.0.1:${settings.ports[name]}` : '';
}
