/**
 * The cache of provisioned parts, outside the repository and shared by all git clones:
 *   <root>/<part>/<version>-<platform>/   one part; the folder is complete or absent
 *   <root>/log/, <root>/lock/, <root>/staging/
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Had, Part, Provisioned, SourceKind } from './part.ts';

export const platform = `${process.platform}-${process.arch}`;

export function cacheRoot(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.TRADING_PLATFORM_CACHE) return environment.TRADING_PLATFORM_CACHE;
  // If this program runs as root, Postgres runs as another user, which cannot read root's home folder
  if (process.getuid?.() === 0) return '/var/cache/trading-platform';
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'trading-platform');
}

export function partFolder(root: string, part: Part): string {
  return join(root, part.name, `${part.version}-${platform}`);
}

interface CacheRecord extends Had {
  readonly kind: SourceKind;
}

const STAGING = 'staging';
const RECORD = 'provisioned.json';

export function writeRecord(folder: string, had: Had, kind: SourceKind): void {
  const record: CacheRecord = { ...had, kind };
  writeFileSync(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/** Returns the part from the cache, or undefined if the cache lacks the part or one of its files. */
export function readCached<File extends string>(root: string, part: Part<File>): Provisioned<File> | undefined {
  const folder = partFolder(root, part);
  const file = join(folder, RECORD);
  if (!existsSync(file)) return undefined;
  const record = JSON.parse(readFileSync(file, 'utf8')) as CacheRecord & Had<File>;
  // The record may be from an earlier version of this program, in which the part had fewer files
  if (!part.files.every((name) => record.files[name])) return undefined;
  const found = buildProvisioned(part, record, record.kind, folder);
  return part.files.every((name) => existsSync(found.files[name])) ? found : undefined;
}

export function buildProvisioned<File extends string>(
  part: Part<File>,
  had: Had<File>,
  kind: SourceKind,
  folder: string,
): Provisioned<File> {
  const absolute = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const files = Object.fromEntries(part.files.map((name) => [name, absolute(had.files[name])])) as Record<File, string>;
  const libraries = (had.libraries ?? []).map(absolute);
  const environment: Record<string, string> = libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {};
  const workingFolder = had.workingFolder === undefined ? undefined : absolute(had.workingFolder);
  return { name: part.name, version: had.version, kind, files, libraries, environment, workingFolder };
}

export function makeStaging(root: string, part: Part): string {
  const folder = join(root, STAGING, `${part.name}-${process.pid}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Removes the unfinished folders that killed runs of this program left behind. */
export function removeAbandoned(root: string): void {
  const staging = join(root, STAGING);
  if (!existsSync(staging)) return;
  for (const name of readdirSync(staging)) {
    const pid = Number(name.split('-').at(-2));
    if (!isAlive(pid)) rmSync(join(staging, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
