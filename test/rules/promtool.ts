import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promtoolPath } from '../support/provision-for-tests.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';

/** Runs promtool, Prometheus' own checker of rules. Its YAML files are written as JSON, which is YAML. */
export interface Promtool {
  /** Runs a command of promtool on these files (name → content). `ok` is false if promtool finds an error. */
  run(command: readonly string[], files: Readonly<Record<string, object>>): Promise<{ ok: boolean; output: string }>;
  remove(): void;
}

export async function openPromtool(name: string): Promise<Promtool> {
  const promtool = await promtoolPath();
  const folder = makeTestFolder(name);
  let runs = 0;
  return {
    run(command, files) {
      const here = path.join(folder, String(runs++));
      mkdirSync(here, { recursive: true });
      for (const [file, content] of Object.entries(files))
        writeFileSync(path.join(here, file), JSON.stringify(content));
      return new Promise((resolve) => {
        execFile(promtool, [...command], { cwd: here, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
          resolve({ ok: error === null, output: stdout + stderr });
        });
      });
    },
    remove: () => removeTestFolder(folder),
  };
}
