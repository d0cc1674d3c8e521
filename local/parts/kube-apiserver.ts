import { fromGo, goModule } from '../provision/from-go.ts';
import { fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '1.36.3';
const base = `https://dl.k8s.io/v${version}/bin/linux`;
const versionPackage = 'k8s.io/component-base/version';

/** A real Kubernetes API server, without kubelet, scheduler and controller manager. */
export const kubeApiserver: Part<'kube-apiserver'> = {
  name: 'kube-apiserver',
  version,
  files: ['kube-apiserver'],
  sources: [
    fromPath({
      names: ['kube-apiserver'],
      versionArgs: ['--version'],
      // The first version with all the CEL functions of the CRDs and with bookmarks at the start of a watch
      minimum: '1.32',
      files: (program) => ({ 'kube-apiserver': program }),
    }),
    fromRelease({
      version,
      urls: { 'linux-x64': `${base}/amd64/kube-apiserver`, 'linux-arm64': `${base}/arm64/kube-apiserver` },
      checksum: { algorithm: 'sha256', published: (url) => `${url}.sha256` },
      pack: { program: 'kube-apiserver' },
      files: { 'kube-apiserver': 'kube-apiserver' },
    }),
    fromGo({
      version,
      module: goModule('kube-apiserver'),
      package: 'k8s.io/kubernetes/cmd/kube-apiserver',
      define: [
        `${versionPackage}.gitVersion=v${version}`,
        `${versionPackage}.gitMajor=1`,
        `${versionPackage}.gitMinor=36`,
        `${versionPackage}.gitTreeState=clean`,
      ],
      takes: '3 to 4 min',
      program: 'kube-apiserver',
    }),
  ],
};
