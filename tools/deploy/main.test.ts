import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Runs a command of tools/deploy where no program but Node is to be found. */
function runWithoutPrograms(command: string): Promise<{ code: number; output: string }> {
  const environment = { ...process.env, PATH: '/nowhere' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), command],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

describe('what is missing is named at once, with where to get it', () => {
  it.each([
    ['install', ['helm', 'kubectl']],
    ['kind-up', ['docker', 'kind', 'helm', 'kubectl']],
    ['kind-down', ['docker', 'kind']],
  ])('%s', async (command, programs) => {
    const { code, output } = await runWithoutPrograms(command);
    expect(code).toBe(1);
    const lines = output.trim().split('\n');
    expect(lines.map((line) => /^(\w+) is not on PATH: https:/.exec(line)?.[1])).toEqual(programs);
  });
});
