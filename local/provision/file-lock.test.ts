import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withFileLock } from './file-lock.ts';

describe('withFileLock', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trading-platform-lock-'));
    file = join(folder, 'deeper', 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('runs one caller at a time, and calls onWait of the other', async () => {
    const events: string[] = [];
    const enter = (name: string) =>
      withFileLock(
        file,
        () => events.push(`${name} waits`),
        async () => {
          events.push(`${name} in`);
          await new Promise((resolve) => setTimeout(resolve, 50));
          events.push(`${name} out`);
        },
      );
    await Promise.all([enter('first'), enter('second')]);
    expect(events).toEqual(['first in', 'second waits', 'first out', 'second in', 'second out']);
  });

  it('is released when the process that holds it is killed', async () => {
    const module = join(import.meta.dirname, 'file-lock.ts');
    const hold = `
      import { withFileLock } from ${JSON.stringify(module)};
      await withFileLock(${JSON.stringify(file)}, () => {}, async () => {
        console.log('held');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', hold], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    let waited = false;
    const entered = withFileLock(
      file,
      () => {
        waited = true;
        holder.kill('SIGKILL');
      },
      async () => 'in',
    );
    await expect(entered).resolves.toBe('in');
    expect(waited).toBe(true);
  });
});
