/** A process whose CPU time and memory are measured from outside, through /proc (Linux only). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_PER_SECOND = 100;
const MAX_OUTPUT = 1_000_000;
const START_MS = 60_000;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

interface Usage {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  /** Anonymous memory: heap and stacks. Excludes the mapped program file, because processes share it. */
  readonly anonymousMb: number;
  readonly peakRssMb: number;
}

interface MeasuredProcess {
  usage(): Usage;
  /** Waits until the output of the process matches the pattern, and returns the first match. */
  untilOutput(pattern: RegExp): Promise<RegExpExecArray>;
  /** @throws Error if the process has already ended by itself */
  stop(): Promise<void>;
}

/** Starts the process and returns at once, so that the measurement includes the process' own start. */
export function startMeasured({ program, args, environment }: Command): MeasuredProcess {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      if (output.length < MAX_OUTPUT) output += chunk;
    });
  }
  const onExit = () => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const checkAlive = () => {
    if (child.exitCode !== null)
      throw new Error(`${program} ended by itself, its last output: ${output.slice(-2_000)}`);
  };
  return {
    usage: () => readUsage(child.pid ?? 0),
    untilOutput: (pattern) =>
      waitFor(`output of ${program} that matches ${pattern}`, async () => {
        checkAlive();
        return pattern.exec(output);
      }),
    stop: async () => {
      process.removeListener('exit', onExit);
      checkAlive();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export function readUsage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) =>
    (Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1_024) / 1e6;
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    rssMb: megabytes('VmRSS'),
    anonymousMb: megabytes('RssAnon'),
    peakRssMb: megabytes('VmHWM'),
  };
}

/** Polls every 10 ms until `check` returns a value. @throws Error after 60 s; the message contains `what` */
export async function waitFor<T>(what: string, check: () => Promise<T | undefined | false | null>): Promise<T> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited ${START_MS / 1_000} s in vain for: ${what}`);
    await sleep(10);
  }
}
