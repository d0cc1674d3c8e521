import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '12.1.1';
const base = 'https://dl.grafana.com/oss/release';
const archive = (arch: string) => `${base}/grafana-${version}.${arch}.tar.gz`;

/** Shows the dashboards. `home` is the folder with conf/ and public/, which Grafana reads. */
export const grafana: Part<'grafana' | 'home'> = {
  name: 'grafana',
  version,
  files: ['grafana', 'home'],
  optional: "use Prometheus's own page, or import dashboards/rendered/*.json into any Grafana",
  sources: [
    fromPath({
      names: ['grafana'],
      versionArgs: ['--version'],
      minimum: '11',
      folders: ['/usr/share/grafana/bin'],
      files: (program, folder) => ({ grafana: program, home: findHome(join(folder, '..')) }),
    }),
    fromRelease({
      version,
      urls: {
        'linux-x64': archive('linux-amd64'),
        'linux-arm64': archive('linux-arm64'),
        'darwin-x64': archive('darwin-amd64'),
        'darwin-arm64': archive('darwin-arm64'),
      },
      checksum: { algorithm: 'sha256', published: (url) => `${url}.sha256` },
      pack: 'tar',
      files: { grafana: 'bin/grafana', home: '.' },
    }),
  ],
};

function findHome(beside: string): string | undefined {
  return [beside, '/usr/share/grafana'].find((folder) => existsSync(join(folder, 'conf', 'defaults.ini')));
}
