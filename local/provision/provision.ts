import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  buildProvisioned,
  cacheRoot,
  makeStaging,
  partFolder,
  readCached,
  removeAbandoned,
  writeRecord,
} from './cache.ts';
import { withFileLock } from './file-lock.ts';
import { type ProbeHost, startHostProbe } from './host-probe.ts';
import { NotHad, type Part, type Provisioned, type Source, type SourceKind } from './part.ts';
import { type Report, silentLog, startStepLog } from './step-log.ts';

/** Number of heavy sources that run at once. Two builds already keep a laptop's processors busy; more would only cost memory. */
const HEAVY_AT_ONCE = 2;
/** Interval at which a long step reports its progress. */
const PROGRESS_MS = 15_000;

interface ProvisionOptions {
  readonly report: Report;
  readonly root?: string;
  /** If set, uses only sources of this kind and ignores the cache, to try a source out. */
  readonly only?: SourceKind;
}

interface Run extends ProvisionOptions {
  readonly root: string;
  readonly probe: ProbeHost;
  readonly heavy: Limit;
}

/**
 * Thrown if no source could provide the part. The message lists each source with the reason of its failure and the path
 * of its log.
 */
export class ProvisionError extends Error {
  /** Why the last source failed, in one line. */
  readonly reason: string;

  constructor(message: string, reason: string) {
    super(message);
    this.reason = reason;
  }
}

export type ProvisionPart = <File extends string>(part: Part<File>) => Promise<Provisioned<File>>;

/**
 * Returns a function that gets one part from the first of its sources that works. Parts can be requested at the same time and are then
 * fetched in parallel. A part that is in the cache is returned at once.
 */
export function startProvisioning(options: ProvisionOptions): ProvisionPart {
  const root = options.root ?? cacheRoot();
  const run: Run = { ...options, root, probe: startHostProbe(), heavy: buildLimit(HEAVY_AT_ONCE) };
  return (part) => provisionPart(part, run);
}

/** Prepares the cache for writing. Only called if a part is missing: a complete cache may be read-only. */
function prepareRoot(root: string): void {
  try {
    mkdirSync(join(root, 'log'), { recursive: true });
    accessSync(root, constants.W_OK);
    removeAbandoned(root);
  } catch (error) {
    const reason = (error as Error).message;
    throw new ProvisionError(
      `the cache ${root} is not writable (${reason}): set TRADING_PLATFORM_CACHE to a folder that you own`,
      reason,
    );
  }
}

async function provisionPart<File extends string>(part: Part<File>, run: Run): Promise<Provisioned<File>> {
  const sources = part.sources.filter((source) => !run.only || source.kind === run.only);
  if (!run.only) {
    const present = (await tryInstalled(part)) ?? readCached(run.root, part);
    if (present) return present;
  }
  prepareRoot(run.root);
  const lock = join(run.root, 'lock', `${part.name}-${part.version}`);
  const onWait = () => run.report(part.name, 'waiting for another run that gets this part');
  return withFileLock(lock, onWait, async () => {
    const meanwhile = run.only ? undefined : readCached(run.root, part);
    return meanwhile ?? (await tryInOrder(part, sources, run));
  });
}

async function tryInstalled<File extends string>(part: Part<File>): Promise<Provisioned<File> | undefined> {
  for (const source of part.sources.filter(({ kind }) => kind === 'installed')) {
    try {
      const had = await source.get({ folder: '/', log: silentLog });
      return buildProvisioned(part, had, 'installed', '/');
    } catch (error) {
      if (!(error instanceof NotHad)) throw error;
    }
  }
  return undefined;
}

async function tryInOrder<File extends string>(
  part: Part<File>,
  sources: readonly Source<File>[],
  run: Run,
): Promise<Provisioned<File>> {
  const failures: SourceFailure[] = [];
  for (const source of sources) {
    try {
      return await trySource(part, source, run);
    } catch (error) {
      if (!(error instanceof NotHad)) throw error;
      failures.push({ source, reason: error.message, log: logPath(part, source, run) });
      // Report no failures of an optional part here: the caller reports once that the part is missing
      if (source.kind !== 'installed' && !part.optional) run.report(part.name, `${source.about}: ${error.message}`);
    }
  }
  throw describeFailures(part, failures);
}

interface SourceFailure {
  readonly source: Source;
  readonly reason: string;
  readonly log: string;
}

function describeFailures(part: Part, failures: readonly SourceFailure[]): ProvisionError {
  const lines = failures.flatMap(({ source, reason, log }) => {
    const line = `    ${source.about}: ${reason}`;
    return existsSync(log) ? [line, `      log: ${log}`] : [line];
  });
  const reason = failures.at(-1)?.reason ?? 'it has no such source';
  return new ProvisionError(`${part.name} ${part.version} could not be had:\n${lines.join('\n')}`, reason);
}

function logPath(part: Part, source: Source, run: Run): string {
  return join(run.root, 'log', `${part.name}-${source.kind}.log`);
}

async function trySource<File extends string>(
  part: Part<File>,
  source: Source<File>,
  run: Run,
): Promise<Provisioned<File>> {
  rmSync(logPath(part, source, run), { force: true });
  const unreachable = source.host && (await run.probe(source.host));
  if (unreachable) throw new NotHad(`cannot reach ${source.host}: ${unreachable}`);
  return source.heavy ? run.heavy(() => getFrom(part, source, run)) : getFrom(part, source, run);
}

async function getFrom<File extends string>(
  part: Part<File>,
  source: Source<File>,
  run: Run,
): Promise<Provisioned<File>> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const log = startStepLog(logPath(part, source, run));
  const folder = makeStaging(run.root, part);
  if (source.kind !== 'installed') run.report(part.name, `${source.about} …`);
  const progress = setInterval(
    () => run.report(part.name, `… ${seconds()}: ${log.lastLine().slice(0, 90)}`),
    PROGRESS_MS,
  );
  try {
    const had = await source.get({ folder, log });
    const place = partFolder(run.root, part);
    writeRecord(folder, had, source.kind);
    mkdirSync(dirname(place), { recursive: true });
    rmSync(place, { recursive: true, force: true });
    renameSync(folder, place);
    run.report(part.name, `${had.version} from ${source.about} in ${seconds()}`);
    return buildProvisioned(part, had, source.kind, place);
  } finally {
    clearInterval(progress);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a piece of work as soon as fewer pieces than the maximum are running. Further pieces wait in order. */
type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function buildLimit(max: number): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
