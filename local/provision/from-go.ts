import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { compareVersions, NotHad, oneFile, parseVersion, type Source } from './part.ts';
import { needExecutable, runCommand } from './run-command.ts';

interface GoBuild<File extends string> {
  readonly version: string;
  /** The folder of go.mod and go.sum, which pin every module with its checksum. */
  readonly module: string;
  readonly package: string;
  /** Linker definitions (`-X`) that set the version that the program reports. */
  readonly define?: readonly string[];
  /** How long a build takes, for people: `about 1 min`. */
  readonly takes: string;
  readonly program: File;
}

/** The first version of Go that downloads the toolchain named in a go.mod. */
const FETCHES_TOOLCHAINS = '1.21';

/** Returns the folder of one of our go.mod files. */
export const goModule = (name: string): string => join(import.meta.dirname, '..', 'go', name);

/** Builds a program from source. The modules come through the Go module proxy. */
export function fromGo<File extends string>(build: GoBuild<File>): Source<File> {
  return {
    kind: 'go',
    about: `Go build of ${build.version} (${build.takes})`,
    heavy: true,
    async get(step) {
      const go = needExecutable('go', 'https://go.dev/dl');
      const version = parseVersion((await runCommand(go, ['version'])).replace('go version go', ''));
      if (!version || compareVersions(version, FETCHES_TOOLCHAINS) < 0) {
        throw new NotHad(`go: expected version ${FETCHES_TOOLCHAINS} or newer, got ${version}`);
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
