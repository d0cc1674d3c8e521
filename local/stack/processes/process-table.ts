import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process that `up` started, as its file remembers it. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** When the kernel started it, in the kernel's own words: a pid alone may be another process by now. */
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

/** Whether that very process still runs; a zombie does not. */
export function isRunning({ pid, kernelStart }: Pick<ProcessRecord, 'pid' | 'kernelStart'>): boolean {
  const now = readKernelStart(pid);
  return now !== undefined && now === kernelStart;
}

/** When the kernel started a process, or undefined when there is none. */
export function readKernelStart(pid: number): string | undefined {
  if (process.platform === 'linux') return readLinuxStart(pid);
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function readLinuxStart(pid: number): string | undefined {
  try {
    // the command's name, in brackets, may hold spaces: count the fields behind it
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
