import { fromGo, goModule } from '../provision/from-go.ts';
import { fromPath } from '../provision/from-path.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '0.155.0';
const base = `https://github.com/open-telemetry/opentelemetry-collector-releases/releases/download/v${version}`;
const archive = (system: string) => `${base}/otelcol_${version}_${system}.tar.gz`;

/** Receives traces and metrics over OTLP. Only the tests need the collector, to check what the services send. */
export const otelCollector: Part<'otelcol'> = {
  name: 'otel-collector',
  version,
  files: ['otelcol'],
  sources: [
    fromPath({ names: ['otelcol'], versionArgs: ['--version'], minimum: '0.120', files: (otelcol) => ({ otelcol }) }),
    fromRelease({
      version,
      urls: {
        'linux-x64': archive('linux_amd64'),
        'linux-arm64': archive('linux_arm64'),
        'darwin-x64': archive('darwin_amd64'),
        'darwin-arm64': archive('darwin_arm64'),
      },
      checksum: {
        algorithm: 'sha256',
        published: () => `${base}/opentelemetry-collector-releases_otelcol_checksums.txt`,
      },
      pack: 'flat-tar',
      files: { otelcol: 'otelcol' },
    }),
    fromGo({
      version,
      module: goModule('otel-collector'),
      package: '.',
      define: [`main.version=${version}`],
      takes: 'about 1 min',
      program: 'otelcol',
    }),
  ],
};
