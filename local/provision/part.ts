import type { StepLog } from './step-log.ts';

/**
 * A part is a program of others that the platform runs on: etcd, Kafka, Postgres. It names the ways it can be had,
 * best first. Data and small functions only: provision.ts does the work.
 */
export interface Part<File extends string = string> {
  readonly name: string;
  /** Version that a download or a build gives. It is in the cache's path, so that clones of two versions live together. */
  readonly version: string;
  /** The files it must give: an executable, or a folder. */
  readonly files: readonly File[];
  readonly sources: readonly Source<File>[];
  /** Set for a part that the stack can do without: what is missed then. */
  readonly optional?: string;
}

export type SourceKind = 'installed' | 'npm' | 'release' | 'image' | 'debian' | 'pypi' | 'go' | 'maven';

export interface Source<File extends string = string> {
  readonly kind: SourceKind;
  /** Reads after "trying": `release 3.6.16 from github.com`. */
  readonly about: string;
  /** Asked first, once a run and all at the same time: a host that does not answer costs 10 s in all. */
  readonly host?: string;
  /** Heavy on the processor: at most two of these run at once. */
  readonly heavy?: true;
  /** Puts the files into `step.folder`; throws NotHad with one line when this way leads nowhere. */
  readonly get: (step: Step) => Promise<Had<File>>;
}

export interface Step {
  /** Empty, and renamed to its place in the cache when `get` has returned. */
  readonly folder: string;
  readonly log: StepLog;
}

export interface Had<File extends string = string> {
  /** The version it turned out to be. */
  readonly version: string;
  /** Absolute (an installed program) or relative to the step's folder. */
  readonly files: Readonly<Record<File, string>>;
  /** Folders of shared libraries it needs, like `files`. */
  readonly libraries?: readonly string[];
  /** The working folder it needs, like `files`; any when absent. */
  readonly workingFolder?: string;
}

/** A part in its place: all paths absolute. */
export interface Provisioned<File extends string = string> extends Had<File> {
  readonly name: string;
  /** How it was had: `go`, `debian`. */
  readonly kind: SourceKind;
  /** The environment its programs need. */
  readonly environment: Readonly<Record<string, string>>;
}

/** This way of getting a part leads nowhere; the next one is tried. */
export class NotHad extends Error {}

/** The files of a part that is a single file in the step's folder. */
export function oneFile<File extends string>(name: File): Record<File, string> {
  return { [name]: name } as unknown as Record<File, string>;
}

/** Versions as programs print them: `3.6.16`, `v1.36.3`, `1:7.0.15-1~deb12u10`. Pure. */
export function parseVersion(text: string): string | undefined {
  return /(?:^|[^\d.])v?(\d+(?:\.\d+)+|\d+(?=[^\d.]|$))/.exec(text.replace(/^\d+:/, ''))?.[1];
}

/** Below 0 when `a` is older than `b`; a missing number counts as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
