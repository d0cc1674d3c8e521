import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NotHad, oneFile, type Source } from './part.ts';
import { needExecutable, runCommand } from './run-command.ts';

interface MavenLibraries<File extends string> {
  readonly version: string;
  /** The folder of the pom.xml that lists the artifacts. */
  readonly project: string;
  /** The name of the part's file, which is a folder of jars. */
  readonly folder: File;
}

/** Returns the folder of one of our pom.xml files. */
export const mavenProject = (name: string): string => join(import.meta.dirname, '..', 'maven', name);

/**
 * Downloads the dependencies of a pom.xml, including transitive dependencies. Maven checks each file against the
 * repository's checksum.
 */
export function fromMaven<File extends string>(maven: MavenLibraries<File>): Source<File> {
  return {
    kind: 'maven',
    about: `Maven artifacts ${maven.version}`,
    async get(step) {
      const command = needExecutable('mvn', 'https://maven.apache.org/install.html');
      cpSync(join(maven.project, 'pom.xml'), join(step.folder, 'pom.xml'));
      const jars = join(step.folder, maven.folder);
      const args = ['-B', '-ntp', '--strict-checksums', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
      await runCommand(command, args, { cwd: step.folder, log: step.log });
      if (readdirSync(jars).length === 0) throw new NotHad('Maven copied no jar');
      return { version: maven.version, files: oneFile(maven.folder) };
    },
  };
}
