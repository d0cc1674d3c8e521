import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions, NotHad, oneFile, parseVersion, type Source } from './part.ts';
import { needExecutable, runCommand } from './run-command.ts';

export interface GoBuild<File extends string> {
  readonly version: string;
  /** Folder of go.mod and go.sum: they pin every module, and Go checks each against its sum. */
  readonly module: string;
  readonly package: string;
  /** `-X` definitions: the version the program reports. */
  readonly define?: readonly string[];
  readonly takes: string;
  readonly program: File;
}

/** Since this version Go fetches the toolchain that a go.mod asks for. */
const FETCHES_TOOLCHAINS = '1.21';

/** A build from source, through the Go module proxy. */
export function fromGo<File extends string>(build: GoBuild<File>): Source<File> {
  return {
    kind: 'go',
    about: `Go build of ${build.version} (${build.takes})`,
    heavy: true,
    async get(step) {
      const go = needExecutable('go', 'https://go.dev/dl');
      const version = parseVersion((await runCommand(go, ['version'])).replace('go version go', ''));
      if (!version || compareVersions(version, FETCHES_TOOLCHAINS) < 0) {
        throw new NotHad(`go is ${version}, but ${FETCHES_TOOLCHAINS} or newer is needed`);
      }
      const sources = join(step.folder, 'src');
      cpSync(build.module, sources, { recursive: true });
      const flags = ['-s', '-w', ...(build.define ?? []).map((definition) => `-X ${definition}`)];
      const output = ['-o', join(step.folder, build.program)];
      await runCommand(
        go,
        ['build', '-v', '-mod=mod', '-trimpath', '-ldflags', flags.join(' '), ...output, build.package],
        {
          cwd: sources,
          environment: { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
          log: step.log,
        },
      );
      return { version: build.version, files: oneFile(build.program) };
    },
  };
}
