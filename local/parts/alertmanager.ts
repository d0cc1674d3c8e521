import { findUnpacked, fromDebian } from '../provision/from-debian.ts';
import { findBeside, fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '0.34.2';
/** The first version that supports `matchers` in routes and the time intervals that prometheus-operator writes. */
const minimum = '0.25';
const base = `https://github.com/prometheus/alertmanager/releases/download/v${version}`;
const archive = (arch: string) => `${base}/alertmanager-${version}.${arch}.tar.gz`;

export const alertmanager: Part<'alertmanager' | 'amtool'> = {
  name: 'alertmanager',
  version,
  files: ['alertmanager', 'amtool'],
  sources: [
    fromPath({
      names: ['alertmanager', 'prometheus-alertmanager'],
      versionArgs: ['--version'],
      minimum,
      files: (program, folder) => ({ alertmanager: program, amtool: findBeside(folder, 'amtool') }),
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
      files: { alertmanager: 'alertmanager', amtool: 'amtool' },
    }),
    fromDebian({
      package: 'prometheus-alertmanager',
      minimum,
      compiledIn: '/usr/share/prometheus',
      files: (root) => ({
        alertmanager: findUnpacked(root, 'usr/bin/prometheus-alertmanager'),
        amtool: findUnpacked(root, 'usr/bin/amtool'),
      }),
    }),
  ],
};
