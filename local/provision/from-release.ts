import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { platform } from './cache.ts';
import { type Checksum, downloadFile, parseChecksum, readText } from './download.ts';
import { NotHad, type Source, type Step } from './part.ts';
import { runCommand } from './run-command.ts';

export interface Release<File extends string> {
  readonly version: string;
  /** URL of the file to download, keyed by platform in Node's naming: `linux-x64`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Algorithm of the checksum, and a function that returns the checksum's URL for a file's URL. */
  readonly checksum: { readonly algorithm: Checksum['algorithm']; readonly published: (url: string) => string };
  /**
   * `tar` is an archive with a top folder, `flat-tar` is an archive without a top folder. `program` is for a download
   * that is the program itself: the name under which it is stored and made executable.
   */
  readonly pack: 'tar' | 'flat-tar' | { readonly program: string };
  readonly files: Readonly<Record<File, string>>;
}

/** Downloads a project's own release, and checks the release against the checksum that the project publishes. */
export function fromRelease<File extends string>(release: Release<File>): Source<File> {
  const url = release.urls[platform];
  const host = new URL(url ?? Object.values(release.urls)[0] ?? '').host;
  return {
    kind: 'release',
    about: `release ${release.version} from ${host}`,
    host: url ? host : undefined,
    async get(step) {
      if (!url) throw new NotHad(`${host} has no release for ${platform}`);
      const published = await readText(release.checksum.published(url));
      const checksum = parseChecksum(published, basename(new URL(url).pathname), release.checksum.algorithm);
      await place(release, url, checksum, step);
      return { version: release.version, files: release.files };
    },
  };
}

async function place<File extends string>(release: Release<File>, url: string, checksum: Checksum, step: Step) {
  if (typeof release.pack === 'object') {
    const program = join(step.folder, release.pack.program);
    await downloadFile(url, program, checksum, step.log);
    chmodSync(program, 0o755);
    return;
  }
  const archive = join(step.folder, basename(new URL(url).pathname));
  await downloadFile(url, archive, checksum, step.log);
  await unpackTar(archive, step.folder, step, release.pack === 'flat-tar' ? 0 : 1);
  rmSync(archive);
}

/** @param strip number of leading folders to remove from each path */
async function unpackTar(archive: string, folder: string, step: Step, strip = 1): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const options = [`--strip-components=${strip}`, '--no-same-owner'];
  await runCommand('tar', ['-xf', archive, '-C', folder, ...options], { log: step.log });
}
