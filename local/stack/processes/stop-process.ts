import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessRecord, removeProcess } from './process-table.ts';

const POLL_MS = 50;
const AFTER_KILL_MS = 5_000;

export type StopOutcome = 'stopped' | 'killed' | 'was not running';

/** Asks a process to end, waits as long as it may take, then ends it. Forgets it only when it is gone. */
export async function stopProcess(folder: string, record: ProcessRecord): Promise<StopOutcome> {
  const outcome = await end(record);
  removeProcess(folder, record.name);
  return outcome;
}

async function end(record: ProcessRecord): Promise<StopOutcome> {
  if (!isRunning(record)) return 'was not running';
  signal(record, record.stopSignal);
  if (await isGone(record, record.graceMs)) return 'stopped';
  signal(record, 'SIGKILL');
  if (await isGone(record, AFTER_KILL_MS)) return 'killed';
  throw new Error(`${record.name} (pid ${record.pid}) does not end, not even by SIGKILL`);
}

function signal({ pid }: ProcessRecord, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // it ended by itself between the look and the signal
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGone(record: ProcessRecord, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isRunning(record)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
