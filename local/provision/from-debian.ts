import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { compareVersions, NotHad, parseVersion, type Source, type Step } from './part.ts';
import { needExecutable, runCommand } from './run-command.ts';

interface DebianPackage<File extends string> {
  readonly package: string;
  readonly minimum: string;
  readonly files: (folder: string) => Record<File, string | undefined>;
  /** A system folder whose path is compiled into the programs, such as `/usr/share/prometheus`. */
  readonly compiledIn?: string;
}

/**
 * Downloads a Debian package, with the dependencies that the machine lacks, and unpacks them into the cache. Installs nothing
 * on the system: needs no root, runs no maintainer scripts, starts no system service. apt checks the signatures.
 */
export function fromDebian<File extends string>(debian: DebianPackage<File>): Source<File> {
  return {
    kind: 'debian',
    about: `Debian package ${debian.package}`,
    async get(step) {
      needExecutable('apt-get', 'not a Debian or Ubuntu system');
      needExecutable('dpkg', 'not a Debian or Ubuntu system');
      const version = await needCandidate(debian, step);
      await downloadPackages(debian.package, step);
      await unpackPackages(step);
      const libraries = listLibraryFolders(step.folder);
      const found = Object.entries<string | undefined>(debian.files(step.folder)).map(([name, path]) => {
        if (!path) throw new NotHad(`the package ${debian.package} does not contain ${name}`);
        return [name, path] as const;
      });
      const files = Object.fromEntries(found) as Record<File, string>;
      const { compiledIn } = debian;
      if (compiledIn) for (const [, file] of found) makeRelocatable(join(step.folder, file), compiledIn);
      return { version, files, libraries, workingFolder: compiledIn ? '.' : undefined };
    },
  };
}

async function needCandidate(debian: DebianPackage<string>, step: Step): Promise<string> {
  let candidate = await readCandidate(debian.package, step);
  if (!candidate && (await updateLists(step))) candidate = await readCandidate(debian.package, step);
  if (!candidate)
    throw new NotHad(`apt has no package ${debian.package}${isRoot() ? '' : ' (run apt-get update as root)'}`);
  const version = parseVersion(candidate);
  if (!version) throw new NotHad(`${debian.package}: expected a version number, got ${candidate}`);
  if (compareVersions(version, debian.minimum) < 0) {
    throw new NotHad(`${debian.package}: expected ${debian.minimum} or newer, got ${version}`);
  }
  return version;
}

async function readCandidate(name: string, step: Step): Promise<string | undefined> {
  const policy = await runCommand('apt-cache', ['policy', name], { log: step.log, environment: { LC_ALL: 'C' } });
  const candidate = /Candidate: (\S+)/.exec(policy)?.[1];
  return candidate === '(none)' ? undefined : candidate;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

let listsUpdated: Promise<boolean> | undefined;

/** Runs `apt-get update` once per run of this program, and only as root. Returns whether the package lists are up to date. */
function updateLists(step: Step): Promise<boolean> {
  if (!isRoot()) return Promise.resolve(false);
  listsUpdated ??= runCommand('apt-get', ['update', '-q'], { log: step.log }).then(() => true);
  return listsUpdated;
}

async function downloadPackages(name: string, step: Step): Promise<void> {
  try {
    await download(await listMissing(name, step), step);
  } catch (error) {
    // Old package lists may name versions that the archive no longer has
    if (!(await updateLists(step))) throw error;
    await download(await listMissing(name, step), step);
  }
}

/** Returns the package and its missing dependencies as `name=version`, from apt's plan for an installation. */
async function listMissing(name: string, step: Step): Promise<string[]> {
  const plan = await runCommand('apt-get', ['-s', '-q', 'install', '--reinstall', '--no-install-recommends', name], {
    log: step.log,
    environment: { LC_ALL: 'C' },
  });
  const planned = [...plan.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm)].map(
    ([, pkg, version]) => `${pkg}=${version}`,
  );
  if (planned.length === 0) throw new NotHad(`apt printed no plan to install ${name}`);
  return planned;
}

async function download(packages: readonly string[], step: Step): Promise<void> {
  // apt's sandbox user may have no access to the folder; without the sandbox apt downloads as the current user
  const sandbox = ['-o', 'APT::Sandbox::User=root'];
  await runCommand('apt-get', [...(isRoot() ? sandbox : []), '-q', 'download', ...packages], {
    log: step.log,
    cwd: step.folder,
  });
}

async function unpackPackages(step: Step): Promise<void> {
  const archives = readdirSync(step.folder).filter((file) => file.endsWith('.deb'));
  for (const archive of archives) {
    await runCommand('dpkg', ['-x', archive, '.'], { log: step.log, cwd: step.folder });
    rmSync(join(step.folder, archive));
  }
  mkdirSync(join(step.folder, 'usr'), { recursive: true });
  turnLinksInward(step.folder);
}

/**
 * Redirects absolute symbolic links to the same files in the folder. As packaged, they point to paths that exist only after an
 * installation.
 */
function turnLinksInward(root: string): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!lstatSync(path).isSymbolicLink()) continue;
    const target = readlinkSync(path);
    if (!isAbsolute(target) || !existsSync(join(root, target))) continue;
    rmSync(path);
    symlinkSync(relative(dirname(path), join(root, target)), path);
  }
}

/**
 * Makes a program look for its files under its working folder, by replacing an absolute path in its binary by a relative one.
 * The path must keep its length, so `/usr/share/x` becomes `usr//share/x`.
 */
function makeRelocatable(program: string, compiledIn: string): void {
  const from = Buffer.from(compiledIn);
  const to = Buffer.from(compiledIn.replace(/^\/(\w+)\//, '$1//'));
  const image = readFileSync(program);
  for (let at = image.indexOf(from); at >= 0; at = image.indexOf(from, at)) to.copy(image, at);
  writeFileSync(program, image);
}

function listLibraryFolders(root: string): string[] {
  const parents = ['usr/lib', 'lib'].filter((folder) => existsSync(join(root, folder)));
  const triples = parents.flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`));
  return triples.filter((folder) => folder.endsWith('-linux-gnu'));
}

/** Returns the first of these paths that exists in an unpacked package, or undefined. */
export function findUnpacked(folder: string, ...paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(join(folder, path)));
}
