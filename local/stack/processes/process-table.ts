import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The record of a process that `up` started, as written to its file. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** Start time in the kernel's own format. It distinguishes this process from a later process with the same pid. */
  readonly kernelStart: string;
  readonly startedAt: string;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
}

export function writeProcess(folder: string, record: Omit<ProcessRecord, 'kernelStart' | 'startedAt'>): void {
  mkdirSync(folder, { recursive: true });
  const kernelStart = readKernelStart(record.pid) ?? '';
  const full: ProcessRecord = { ...record, kernelStart, startedAt: new Date().toISOString() };
  writeFileSync(join(folder, `${record.name}.json`), `${JSON.stringify(full, null, 2)}\n`);
}

export function readProcess(folder: string, name: string): ProcessRecord | undefined {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord) : undefined;
}

export function listProcesses(folder: string): ProcessRecord[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return names.flatMap((file) => readProcess(folder, file.replace(/\.json$/, '')) ?? []);
}

export function removeProcess(folder: string, name: string): void {
  rmSync(join(folder, `${name}.json`), { force: true });
}

/** Whether this very process still runs. Another process with the same pid does not count, nor does a zombie. */
export function isRunning({ pid, kernelStart }: Pick<ProcessRecord, 'pid' | 'kernelStart'>): boolean {
  const now = readKernelStart(pid);
  return now !== undefined && now === kernelStart;
}

/** Returns the start time of a process in the kernel's own format, or undefined if no such process runs. */
function readKernelStart(pid: number): string | undefined {
  if (process.platform === 'linux') return readLinuxStart(pid);
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function readLinuxStart(pid: number): string | undefined {
  try {
    // The second field is the command in brackets and may contain spaces, so count the fields after the bracket
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
