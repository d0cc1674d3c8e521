import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning, listProcesses, readProcess, writeProcess } from './process-table.ts';
import { stopProcess } from './stop-process.ts';

describe('the process table', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trading-platform-processes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = async (script: string) => {
    const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    return child;
  };
  const record = (pid: number, graceMs = 5_000) => {
    writeProcess(folder, { name: 'one', pid, logFile: '/dev/null', stopSignal: 'SIGTERM', graceMs });
    return readProcess(folder, 'one')!;
  };

  it('reports a process as running until it has been stopped', async () => {
    const child = await start('echo up; exec sleep 60');
    const written = record(child.pid!);
    expect(isRunning(written)).toBe(true);
    expect(await stopProcess(folder, written)).toBe('stopped');
    expect(isRunning(written)).toBe(false);
    expect(listProcesses(folder)).toEqual([]);
  });

  it('neither mistakes another process with the same pid for it nor stops that process', async () => {
    const child = await start('echo up; exec sleep 60');
    const ofAnotherTime = { ...record(child.pid!), kernelStart: '1' };
    expect(isRunning(ofAnotherTime)).toBe(false);
    expect(await stopProcess(folder, ofAnotherTime)).toBe('was not running');
    expect(child.exitCode).toBe(null);
    expect(child.kill('SIGKILL')).toBe(true);
    await once(child, 'exit');
  });

  it('kills a process that does not stop in time', async () => {
    const child = await start('trap "" TERM; echo up; while :; do sleep 1; done');
    expect(await stopProcess(folder, record(child.pid!, 200))).toBe('killed');
    expect(listProcesses(folder)).toEqual([]);
  });
});
