import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './server.ts';

const POLL_MS = 50;

export interface Launched {
  readonly pid: number;
  readonly logFile: string;
  readonly child: ChildProcess;
  /** Returns how the process ended (`ended with exit code 1`), or undefined while it runs. */
  readonly ended: () => string | undefined;
}

/**
 * Thrown if a server could not be started, has exited, or was not ready in time. The message includes the last lines of the
 * server's log.
 */
export class LaunchError extends Error {}

interface LaunchOptions {
  readonly detached: boolean;
  /** Called as soon as the process has a pid, so that the caller can record the pid even if this program is interrupted later. */
  readonly onSpawn?: (pid: number) => void;
}

/** Starts a server's process and appends its output to a log file. A detached process outlives this program. */
export async function launchServer(server: Server, logFile: string, options: LaunchOptions): Promise<Launched> {
  await server.prepare?.();
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const child = spawn(server.command, server.args, {
    cwd: server.cwd,
    env: { ...process.env, ...server.environment },
    stdio: ['ignore', log, log],
    detached: options.detached,
    ...server.owner,
  });
  closeSync(log);
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  let ended: string | undefined;
  child.on('exit', (code, signal) => {
    ended = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  });
  await new Promise<void>((resolve, reject) => {
    child.on('spawn', resolve);
    child.on('error', (error) => reject(new LaunchError(`${server.name} cannot be started: ${error.message}`)));
  });
  if (options.detached) child.unref();
  return { pid: child.pid as number, logFile, child, ended: () => ended };
}

/** @throws LaunchError if the process exits, or is not ready in time */
export async function waitUntilReady(server: Server, launched: Launched, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const end = launched.ended();
    if (end) throw new LaunchError(`${server.name} ${end}${describeLog(launched.logFile)}`);
    if (await server.ready()) return;
    if (performance.now() > deadline) {
      const late = `${server.name} was not ready within ${timeoutMs / 1000} s`;
      throw new LaunchError(`${late}${describeLog(launched.logFile)}`);
    }
    await sleep(POLL_MS);
  }
}

/** Returns the last lines of a log and its path, to append to an error message. */
export function describeLog(logFile: string, lines = 8): string {
  return `\n${readLastLines(logFile, lines)
    .map((line) => `    | ${line.slice(0, 500)}`)
    .join('\n')}\n    log: ${logFile}`;
}

function readLastLines(file: string, lines: number): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
}
