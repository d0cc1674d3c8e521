import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessRecord, removeProcess } from './process-table.ts';

const POLL_MS = 50;
const AFTER_KILL_MS = 5_000;

type StopOutcome = 'stopped' | 'killed' | 'was not running';

/**
 * Sends a process its stop signal, waits for at most its grace period, and kills the process if it still runs. Removes
 * its record once the process has ended.
 * @throws Error if the process survives SIGKILL
 */
export async function stopProcess(folder: string, record: ProcessRecord): Promise<StopOutcome> {
  const outcome = await end(record);
  removeProcess(folder, record.name);
  return outcome;
}

async function end(record: ProcessRecord): Promise<StopOutcome> {
  if (!isRunning(record)) return 'was not running';
  sendSignal(record, record.stopSignal);
  if (await isGone(record, record.graceMs)) return 'stopped';
  sendSignal(record, 'SIGKILL');
  if (await isGone(record, AFTER_KILL_MS)) return 'killed';
  throw new Error(`${record.name} (pid ${record.pid}) does not exit, not even after SIGKILL`);
}

function sendSignal({ pid }: ProcessRecord, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // The process may exit by itself between the check and the signal
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
