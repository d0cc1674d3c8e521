import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeTestFolder, removeTestFolder } from '../../test/support/test-folder.ts';

/** Runs a command of tools/deploy with a PATH on which only the programs of one folder can be found. */
function runWithPrograms(
  command: string,
  programs = '/nowhere',
  variables: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  const environment = { ...process.env, KIND_EXPERIMENTAL_PROVIDER: '', ...variables, PATH: programs };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts'), command],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

describe('every missing program is named at once, with where to get it', () => {
  it.each([
    ['install', ['helm', 'kubectl']],
    ['kind-up', ['kind', 'helm', 'kubectl', 'none']],
    ['kind-down', ['kind', 'none']],
  ])('%s', async (command, programs) => {
    const { code, output } = await runWithPrograms(command);
    expect(code).toBe(1);
    const lines = output.trim().split('\n');
    expect(
      lines.map((line) => /^(\w+)(?: of docker, nerdctl, podman)? is (?:not )?on PATH.*: https:/.exec(line)?.[1]),
    ).toEqual(programs);
  });
});

describe('the program with which kind runs its node', () => {
  const folder = makeTestFolder('programs');
  const script = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  afterAll(() => removeTestFolder(folder));

  it('is named if none is on PATH, and if KIND_EXPERIMENTAL_PROVIDER asks for one that is missing or unknown', async () => {
    script('kind', 'exit 0');
    const none = await runWithPrograms('kind-down', folder);
    expect(none.output).toContain('none of docker, nerdctl, podman is on PATH');
    const asked = await runWithPrograms('kind-down', folder, { KIND_EXPERIMENTAL_PROVIDER: 'podman' });
    expect(asked.output).toContain('podman is not on PATH: https:');
    const unknown = await runWithPrograms('kind-down', folder, { KIND_EXPERIMENTAL_PROVIDER: 'lxc' });
    expect(unknown.output).toContain('KIND_EXPERIMENTAL_PROVIDER=lxc: must be one of docker, nerdctl, podman');
    expect([none.code, asked.code, unknown.code]).toEqual([1, 1, 1]);
  });

  it('need not be docker, and must answer', async () => {
    script('podman', 'exit 0');
    expect(await runWithPrograms('kind-down', folder)).toMatchObject({ code: 0 });
    script('docker', 'echo cannot connect to the daemon >&2; exit 1');
    const { code, output } = await runWithPrograms('kind-down', folder);
    expect(code).toBe(1);
    expect(output).toMatch(/^docker does not answer \(.*cannot connect to the daemon/s);
    expect(output).toContain('KIND_EXPERIMENTAL_PROVIDER=podman');
    const other = await runWithPrograms('kind-down', folder, { KIND_EXPERIMENTAL_PROVIDER: 'podman' });
    expect(other.code).toBe(0);
  });
});
