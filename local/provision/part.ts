import type { StepLog } from './step-log.ts';

/**
 * A part is third-party software that the platform runs on, such as etcd, Kafka or Postgres. It lists its sources, best first.
 * provision.ts tries the sources.
 */
export interface Part<File extends string = string> {
  readonly name: string;
  /**
   * Version that a download or a build provides; an installed program may have another version. The version is in the
   * path of the part in the cache, so that git clones can use different versions.
   */
  readonly version: string;
  /** The names of the files that a source must provide, each an executable or a folder. */
  readonly files: readonly File[];
  readonly sources: readonly Source<File>[];
  /** Set if the stack can run without the part. Says what to use instead. */
  readonly optional?: string;
}

export type SourceKind = 'installed' | 'npm' | 'release' | 'image' | 'debian' | 'pypi' | 'go' | 'maven';

export interface Source<File extends string = string> {
  readonly kind: SourceKind;
  /** The source in a few words: `release 3.6.16 from github.com`. */
  readonly about: string;
  /**
   * The host to probe before the source is tried. Each host is probed once per run, which costs 10 s in all if the host
   * does not respond. If absent, no host is probed.
   */
  readonly host?: string;
  /** Set if the source keeps the processor busy, so that at most two such sources run at once. */
  readonly heavy?: true;
  /** Puts the files into `step.folder`. Throws NotHad with a one-line reason if the source cannot provide them. */
  readonly get: (step: Step) => Promise<Had<File>>;
}

export interface Step {
  /** An empty folder, which moves to its place in the cache once `get` has returned. */
  readonly folder: string;
  readonly log: StepLog;
}

export interface Had<File extends string = string> {
  /** The actual version of the files, which may differ from the part's version. */
  readonly version: string;
  /** Paths keyed by file name: absolute for an installed program, else relative to the step's folder. */
  readonly files: Readonly<Record<File, string>>;
  /** Folders of shared libraries that the programs need; paths as in `files`. */
  readonly libraries?: readonly string[];
  /** The working folder that the programs need; a path as in `files`. If absent, any folder will do. */
  readonly workingFolder?: string;
}

/** A part that is ready for use. All its paths are absolute. */
export interface Provisioned<File extends string = string> extends Had<File> {
  readonly name: string;
  /** Kind of the source that provided the part. */
  readonly kind: SourceKind;
  /** The environment variables that the part's programs need. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Thrown if a source cannot provide the part. provision.ts then tries the next source. */
export class NotHad extends Error {}

/** Returns the `files` of a part that consists of a single file in the step's folder. */
export function oneFile<File extends string>(name: File): Record<File, string> {
  return { [name]: name } as unknown as Record<File, string>;
}

/** Finds the first version in a program's output: `3.6.16` in `v3.6.16` or in `1:3.6.16-1~deb12u10`. Undefined if there is none. */
export function parseVersion(text: string): string | undefined {
  return /(?:^|[^\d.])v?(\d+(?:\.\d+)+|\d+(?=[^\d.]|$))/.exec(text.replace(/^\d+:/, ''))?.[1];
}

/** Compares two dotted versions for a sort: negative if `a` is older than `b`. A missing number counts as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
