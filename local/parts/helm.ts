import { fromGo } from '../provision/from-go.ts';
import { fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';
import { goModule } from './sources.ts';

const version = '3.19.2';
const archive = (arch: string) => `https://get.helm.sh/helm-v${version}-${arch}.tar.gz`;
const versionPackage = 'helm.sh/helm/v3/internal/version';
/** What a rendering without a cluster takes its Kubernetes for: that of the client library, as Helm's own build says it. */
const kubernetesMinor = 34;
const kubernetesPackages = ['helm.sh/helm/v3/pkg/lint/rules', 'helm.sh/helm/v3/pkg/chartutil'];

/** Installs the chart; the tests render and check it with this. */
export const helm: Part<'helm'> = {
  name: 'helm',
  version,
  files: ['helm'],
  sources: [
    fromPath({
      names: ['helm'],
      versionArgs: ['version', '--short'],
      // the schema of the values is checked, and its errors are worded, by another library before
      minimum: '3.19',
      below: '4',
      files: (program) => ({ helm: program }),
    }),
    fromRelease({
      version,
      urls: {
        'linux-x64': archive('linux-amd64'),
        'linux-arm64': archive('linux-arm64'),
        'darwin-x64': archive('darwin-amd64'),
        'darwin-arm64': archive('darwin-arm64'),
      },
      checksum: { algorithm: 'sha256', published: (url) => `${url}.sha256sum` },
      pack: 'tar',
      files: { helm: 'helm' },
    }),
    fromGo({
      version,
      module: goModule('helm'),
      package: 'helm.sh/helm/v3/cmd/helm',
      define: [
        `${versionPackage}.version=v${version}`,
        ...kubernetesPackages.flatMap((name) => [
          `${name}.k8sVersionMajor=1`,
          `${name}.k8sVersionMinor=${kubernetesMinor}`,
        ]),
      ],
      takes: '1 to 2 min',
      program: 'helm',
    }),
  ],
};
