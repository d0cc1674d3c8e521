import { fromGo, goModule } from '../provision/from-go.ts';
import { fromImage } from '../provision/from-image.ts';
import { fromPath } from '../provision/from-path.ts';
import type { Part } from '../provision/part.ts';
import { prometheusOperatorVersion as version } from './monitoring-crds.ts';

const versionPackage = 'github.com/prometheus/common/version';

/**
 * Turns ServiceMonitors and PrometheusRules into the configuration of Prometheus. The project publishes the operator only as a
 * container image.
 */
export const prometheusOperator: Part<'prometheus-operator'> = {
  name: 'prometheus-operator',
  version,
  files: ['prometheus-operator'],
  sources: [
    fromPath({
      names: ['prometheus-operator'],
      versionArgs: ['--version'],
      minimum: version,
      files: (program) => ({ 'prometheus-operator': program }),
    }),
    fromImage({
      registry: 'https://quay.io',
      repository: 'prometheus-operator/prometheus-operator',
      tag: `v${version}`,
      version,
      path: 'bin/operator',
      program: 'prometheus-operator',
    }),
    fromGo({
      version,
      module: goModule('prometheus-operator'),
      package: 'github.com/prometheus-operator/prometheus-operator/cmd/operator',
      define: [`${versionPackage}.Version=${version}`, `${versionPackage}.Branch=HEAD`],
      takes: '1 to 2 min',
      program: 'prometheus-operator',
    }),
  ],
};
