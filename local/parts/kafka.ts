import { fromMaven, mavenProject } from '../provision/from-maven.ts';
import { fromRelease } from '../provision/from-release.ts';
import type { Part } from '../provision/part.ts';

const version = '4.4.0';
const archive = `https://archive.apache.org/dist/kafka/${version}/kafka_2.13-${version}.tgz`;

/** `libs` is the folder of jars with the broker and its tools. The Java runtime of the part `java` runs them. */
export const kafka: Part<'libs'> = {
  name: 'kafka',
  version,
  files: ['libs'],
  sources: [
    fromRelease({
      version,
      // Jars are the same for every platform
      urls: { 'linux-x64': archive, 'linux-arm64': archive, 'darwin-x64': archive, 'darwin-arm64': archive },
      checksum: { algorithm: 'sha512', published: (url) => `${url}.sha512` },
      pack: 'tar',
      files: { libs: 'libs' },
    }),
    fromMaven({ version, project: mavenProject('kafka'), folder: 'libs' }),
  ],
};
