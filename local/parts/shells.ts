import { findUnpacked, fromDebian } from '../provision/from-debian.ts';
import { fromPath } from '../provision/from-path.ts';
import type { Part } from '../provision/part.ts';

/** The shells in which the tests try the completion scripts of the command line. Only the tests need these shells. */
export const zsh: Part<'zsh'> = buildShell('zsh', '5.0', 'bin/zsh');
export const fish: Part<'fish'> = buildShell('fish', '3.1', 'usr/bin/fish');

function buildShell<Name extends 'zsh' | 'fish'>(name: Name, minimum: string, unpacked: string): Part<Name> {
  const files = (path: string | undefined) => ({ [name]: path }) as Record<Name, string | undefined>;
  return {
    name,
    version: minimum,
    files: [name],
    sources: [
      fromPath({ names: [name], versionArgs: ['--version'], minimum, files }),
      fromDebian({
        package: name,
        minimum,
        files: (root) => files(findUnpacked(root, unpacked, `usr/${unpacked}`)),
      }),
    ],
  };
}
