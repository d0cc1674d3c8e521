import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compareVersions, NotHad, parseVersion, type Source } from './part.ts';
import { findExecutable, runCommand } from './run-command.ts';

export interface InstalledProgram<File extends string> {
  /** The program to look for, under any of these names. */
  readonly names: readonly string[];
  readonly versionArgs: readonly string[];
  /** Takes the version out of what it prints; the first version in it when absent. */
  readonly parse?: (output: string) => string | undefined;
  readonly minimum: string;
  /** The first version that is too new, for a part whose next version is not known to work. */
  readonly below?: string;
  /** Folders to look in beside PATH. */
  readonly folders?: readonly string[];
  /** The part's files, from the program's path and the folder it really is in. */
  readonly files: (program: string, folder: string) => Record<File, string | undefined>;
}

/** A program that the machine has already, when it is new enough. */
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
      if (tooOld) throw new NotHad(`${path} is ${version}, but ${program.minimum} or newer is needed`);
      if (program.below && compareVersions(version, program.below) >= 0) {
        throw new NotHad(`${path} is ${version}, but one before ${program.below} is needed`);
      }
      return { version, files: needFiles(program.files(path, dirname(realpathSync(path))), path) };
    },
  };
}

async function readVersion<File extends string>(path: string, program: InstalledProgram<File>): Promise<string> {
  // some print their version to the standard error
  const output = await runCommand('/bin/sh', ['-c', '"$0" "$@" 2>&1', path, ...program.versionArgs]);
  const version = (program.parse ?? parseVersion)(output);
  if (!version) throw new NotHad(`${path} does not say its version`);
  return version;
}

function needFiles<File extends string>(files: Record<File, string | undefined>, path: string): Record<File, string> {
  const missing = Object.entries(files).find(([, file]) => file === undefined);
  if (missing) throw new NotHad(`${path} comes without ${missing[0]}`);
  return files as Record<File, string>;
}

/** A program beside another one, which is not to be mixed with one of the same name elsewhere: `initdb` beside `postgres`. */
export function findBeside(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? path : undefined;
}
