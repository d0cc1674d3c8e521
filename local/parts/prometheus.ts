import { findUnpacked, fromDebian } from '../provision/from-debian.ts';
import { findBeside, fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '3.15.0';
/** The first version with `keep_firing_for`, which prometheus-operator may write into rules. */
const minimum = '2.42';
const base = `https://github.com/prometheus/prometheus/releases/download/v${version}`;
const archive = (arch: string) => `${base}/prometheus-${version}.${arch}.tar.gz`;

/**
 * Prometheus and promtool. No source builds them with Go, because a build takes five minutes and Debian's package is
 * good enough.
 */
export const prometheus: Part<'prometheus' | 'promtool'> = {
  name: 'prometheus',
  version,
  files: ['prometheus', 'promtool'],
  sources: [
    fromPath({
      names: ['prometheus'],
      versionArgs: ['--version'],
      minimum,
      files: (program, folder) => ({ prometheus: program, promtool: findBeside(folder, 'promtool') }),
    }),
    fromRelease({
      version,
      urls: {
        'linux-x64': archive('linux-amd64'),
        'linux-arm64': archive('linux-arm64'),
        'darwin-x64': archive('darwin-amd64'),
        'darwin-arm64': archive('darwin-arm64'),
      },
      checksum: { algorithm: 'sha256', published: () => `${base}/sha256sums.txt` },
      pack: 'tar',
      files: { prometheus: 'prometheus', promtool: 'promtool' },
    }),
    fromDebian({
      package: 'prometheus',
      minimum,
      compiledIn: '/usr/share/prometheus',
      files: (root) => ({
        prometheus: findUnpacked(root, 'usr/bin/prometheus'),
        promtool: findUnpacked(root, 'usr/bin/promtool'),
      }),
    }),
  ],
};
