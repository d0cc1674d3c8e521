import { findUnpacked, fromDebian } from '../provision/from-debian.ts';
import { fromGo, goModule } from '../provision/from-go.ts';
import { fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '3.6.16';
/**
 * Older versions lack the progress notifications that the API server's watch cache relies on, and etcd 3.6 cannot read
 * the data of these versions.
 */
const minimum = '3.5.13';
const base = `https://github.com/etcd-io/etcd/releases/download/v${version}`;

/** The database of the API server. */
export const etcd: Part<'etcd'> = {
  name: 'etcd',
  version,
  files: ['etcd'],
  sources: [
    fromPath({ names: ['etcd'], versionArgs: ['--version'], minimum, files: (program) => ({ etcd: program }) }),
    fromRelease({
      version,
      urls: {
        'linux-x64': `${base}/etcd-v${version}-linux-amd64.tar.gz`,
        'linux-arm64': `${base}/etcd-v${version}-linux-arm64.tar.gz`,
      },
      checksum: { algorithm: 'sha256', published: () => `${base}/SHA256SUMS` },
      pack: 'tar',
      files: { etcd: 'etcd' },
    }),
    fromDebian({ package: 'etcd-server', minimum, files: (root) => ({ etcd: findUnpacked(root, 'usr/bin/etcd') }) }),
    fromGo({ version, module: goModule('etcd'), package: '.', takes: 'about 1 min', program: 'etcd' }),
  ],
};
