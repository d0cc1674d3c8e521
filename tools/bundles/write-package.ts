import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OLDEST_NODE } from '#controller/cli/build-program.ts';
import { type Bundle, MAIN } from './bundle.ts';

interface Manifest {
  readonly version: string;
  readonly license: string;
}

/**
 * Makes a bundle's folder an npm package without dependencies, whose program has the bundle's name: `npm pack` writes it as one
 * file, and `npx FILE` or `npm install --global FILE` runs it.
 * @param target the bundle's folder
 */
export function writePackage(
  { name, about }: Pick<Required<Bundle>, 'name' | 'about'>,
  root: string,
  target: string,
): void {
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const manifest = {
    name,
    version,
    description: about,
    license,
    repository: 'github:trading-platform/trading-platform',
    engines: { node: `>=${OLDEST_NODE}` },
    bin: { [name]: MAIN },
    files: ['*.mjs', 'docs'],
  };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  copyFileSync(join(root, 'docs', 'cli.md'), join(target, 'README.md'));
}
