import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compareVersions, NotHad, parseVersion, type Source } from './part.ts';
import { findExecutable, runCommand } from './run-command.ts';

interface InstalledProgram<File extends string> {
  /** The names under which the program may be installed. */
  readonly names: readonly string[];
  readonly versionArgs: readonly string[];
  /** Extracts the version from the program's output. By default, the first version in the output counts. */
  readonly parse?: (output: string) => string | undefined;
  readonly minimum: string;
  /** The first version that is too new, for a part whose next major version may not work. */
  readonly below?: string;
  /** Folders to search after PATH. */
  readonly folders?: readonly string[];
  /** Returns the paths of the part's files, given the program's path and the folder of the program after symbolic links are resolved. */
  readonly files: (program: string, folder: string) => Record<File, string | undefined>;
}

/** Uses a program that is already installed, if its version is accepted. */
export function fromPath<File extends string>(program: InstalledProgram<File>): Source<File> {
  return {
    kind: 'installed',
    about: `${program.names[0]} on PATH`,
    async get() {
      const path = program.names
        .map((name) => findExecutable(name, program.folders))
        .find((found) => found !== undefined);
      if (!path) throw new NotHad('not on PATH');
      const version = await readVersion(path, program);
      const tooOld = compareVersions(version, program.minimum) < 0;
      if (tooOld) throw new NotHad(`${path}: expected version ${program.minimum} or newer, got ${version}`);
      if (program.below && compareVersions(version, program.below) >= 0) {
        throw new NotHad(`${path}: expected a version before ${program.below}, got ${version}`);
      }
      return { version, files: needFiles(program.files(path, dirname(realpathSync(path))), path) };
    },
  };
}

async function readVersion<File extends string>(path: string, program: InstalledProgram<File>): Promise<string> {
  // Some programs print their version to standard error
  const output = await runCommand('/bin/sh', ['-c', '"$0" "$@" 2>&1', path, ...program.versionArgs]);
  const version = (program.parse ?? parseVersion)(output);
  if (!version) throw new NotHad(`${path} ${program.versionArgs.join(' ')} prints no version`);
  return version;
}

function needFiles<File extends string>(files: Record<File, string | undefined>, path: string): Record<File, string> {
  const missing = Object.entries(files).find(([, file]) => file === undefined);
  if (missing) throw new NotHad(`${path} has no ${missing[0]} beside it`);
  return files as Record<File, string>;
}

/**
 * Returns the path of a program in the same folder as another program, such as `initdb` beside `postgres`, so that the
 * two versions match. Undefined if the folder lacks the program.
 */
export function findBeside(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}
