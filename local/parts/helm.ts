import { fromGo, goModule } from '../provision/from-go.ts';
import { fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '3.19.2';
const archive = (arch: string) => `https://get.helm.sh/helm-v${version}-${arch}.tar.gz`;
const versionPackage = 'helm.sh/helm/v3/internal/version';
/** Minor version of Kubernetes that Helm assumes when it renders without a cluster. Helm's own build derives it from its client library. */
const kubernetesMinor = 34;
const kubernetesPackages = ['helm.sh/helm/v3/pkg/lint/rules', 'helm.sh/helm/v3/pkg/chartutil'];

/** Installs the chart. The tests use Helm to render and check the chart. */
export const helm: Part<'helm'> = {
  name: 'helm',
  version,
  files: ['helm'],
  sources: [
    fromPath({
      names: ['helm'],
      versionArgs: ['version', '--short'],
      // Earlier versions check values.schema.json with another library, whose errors read differently
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
