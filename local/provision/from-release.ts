import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { platform } from './cache.ts';
import { type Checksum, downloadFile, parseChecksum, readText } from './download.ts';
import { NotHad, type Source, type Step } from './part.ts';
import { runCommand } from './run-command.ts';

export interface Release<File extends string> {
  readonly version: string;
  /** The file for each platform that has one, by Node's names: `linux-x64`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Where the checksum of a file is published, from the file's address; or the checksum itself. */
  readonly checksum: { readonly algorithm: Checksum['algorithm']; readonly published: (url: string) => string };
  /** An archive is unpacked without its top folder, a flat one has none; a program is made executable under this name. */
  readonly pack: 'tar' | 'flat-tar' | { readonly program: string };
  readonly files: Readonly<Record<File, string>>;
}

/** What the project itself publishes, checked against the checksum it publishes with it. */
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

/** @param strip how many folders to leave out at the top */
export async function unpackTar(archive: string, folder: string, step: Step, strip = 1): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const options = [`--strip-components=${strip}`, '--no-same-owner'];
  await runCommand('tar', ['-xf', archive, '-C', folder, ...options], { log: step.log });
}
