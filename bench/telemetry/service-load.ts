/** Runs the four services under load and measures their CPU and memory. Linux only: memory is read from /proc. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type ServiceName, serviceNames } from '#catalogue/services.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { readUsage } from '../measured-process.ts';
import { readImage } from '../read-image.ts';
import type { Slice } from './switch-telemetry.ts';

const root = join(import.meta.dirname, '..', '..');
const READY_MS = 120_000;
/** Timeout for storing the signals, many times longer than the load takes. */
const STORED_MS = 300_000;
/** The Accept header that Prometheus sends. SCRAPE_MS is the interval between two scrapes. */
const ACCEPT = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
const SCRAPE_MS = 10_000;
/**
 * Length of a slice: long enough for dozens of batches, and short enough that a drift of the machine's speed affects
 * neighbouring slices alike.
 */
const SLICE_MS = 5_000;
const ANSWER_MS = 10_000;
const memoryReporter = join(import.meta.dirname, 'report-live-memory.ts');
const telemetrySwitch = join(import.meta.dirname, 'switch-telemetry.ts');

interface ServiceFigures {
  /** Resident memory. Varies by about 30 MB, depending on when V8 last collected garbage. */
  readonly rssMb: number;
  /** Memory in use right after a garbage collection. */
  readonly liveMb: number;
  readonly scrapeBytes: number;
  readonly scrapeBytesPacked: number;
}

export interface Round {
  readonly seconds: number;
  readonly signals: number;
  readonly services: Readonly<Record<ServiceName, ServiceFigures>>;
}

export interface LoadOptions {
  /** Environment variables of the services: addresses of servers, rate of bars, settings of telemetry. */
  readonly environment: Readonly<Record<string, string>>;
  /** Number of signals to store before the measurement starts. */
  readonly warmUpSignals: number;
  /** Returns the number of signals stored so far. */
  readonly countSignals: () => Promise<number>;
  /** Called with the URL of the backend's API when the backend is ready, before the other services start. */
  readonly prepare: (api: string) => Promise<void>;
}

interface RoundOptions extends LoadOptions {
  /**
   * Number of signals to measure after the warm-up. Each round replays the same signals, so all rounds do the same
   * work.
   */
  readonly measuredSignals: number;
  /** Folder into which each service writes its CPU profile when it ends. If absent, the services write no profiles. */
  readonly profiles?: string;
}

/** Runs the services, scrapes them as Prometheus does, and measures them after the warm-up. */
export async function runRound(options: RoundOptions): Promise<Round> {
  const { profiles } = options;
  const profile = (name: ServiceName) => [
    '--cpu-prof',
    `--cpu-prof-dir=${profiles}`,
    `--cpu-prof-name=${name}.cpuprofile`,
  ];
  const flags = (name: ServiceName) => [`--import=${memoryReporter}`, ...(profiles ? profile(name) : [])];
  return withServices(options, flags, (services) => measure(services, options));
}

/** Slices of a few seconds. The slices at the same index of both lists are a pair of consecutive slices. */
export interface Slices {
  readonly with: Slice[];
  readonly without: Slice[];
}

/**
 * Order of slices with and without telemetry. In this order, steady growth or decline of the CPU time affects slices
 * with and without telemetry equally.
 */
const TURNS = ['with', 'without', 'without', 'with'] as const;

/**
 * Runs the services once and switches their telemetry off and on. Scrapes the services in every other group of four
 * slices, so that slices with and without telemetry have equally many scrapes.
 */
export async function runSwitched(options: LoadOptions, pairs: number): Promise<ReadonlyMap<ServiceName, Slices>> {
  const found = new Map<ServiceName, Slices>(serviceNames.map((name) => [name, { with: [], without: [] }]));
  const flags = () => [`--import=${telemetrySwitch}`];
  await withServices(options, flags, async (services) => {
    for (let index = 0; index < pairs * 2; index += 1) {
      const kind = TURNS[index % TURNS.length] as keyof Slices;
      await switchAll(services, kind === 'with');
      await sleep(SLICE_MS / 2);
      if (Math.floor(index / TURNS.length) % 2 === 0) await Promise.all(services.map(scrape));
      await sleep(SLICE_MS / 2);
      const used = await switchAll(services, true);
      for (const [service, slice] of used) found.get(service)?.[kind].push(slice);
    }
  });
  return found;
}

/**
 * Switches telemetry off or on in all services, and returns for each service the CPU time since the previous switch.
 */
function switchAll(services: readonly Service[], on: boolean): Promise<[ServiceName, Slice][]> {
  return Promise.all(services.map(async ({ name, child }) => [name, await ask<Slice>(child, on)]));
}

async function withServices<Result>(
  options: LoadOptions,
  flags: (name: ServiceName) => readonly string[],
  work: (services: readonly Service[]) => Promise<Result>,
): Promise<Result> {
  const apiPort = await findFreePort();
  const environment = { ...options.environment, API_PORT: String(apiPort) };
  const started: Service[] = [];
  try {
    for (const name of serviceNames) {
      started.push(await startService(name, environment, flags(name)));
      if (name === 'backend') await options.prepare(`http://127.0.0.1:${apiPort}`);
    }
    await untilStored(options.warmUpSignals, options);
    return await work(started);
  } finally {
    await Promise.all(started.map((service) => service.stop()));
  }
}

async function measure(services: readonly Service[], options: RoundOptions): Promise<Round> {
  const began = performance.now();
  const signalsBefore = await options.countSignals();
  const scrapes = new Map<ServiceName, { plain: number; packed: number }>();
  let scrapedAt = began - SCRAPE_MS;
  await untilStored(signalsBefore + options.measuredSignals, options, async () => {
    if (performance.now() - scrapedAt < SCRAPE_MS) return;
    scrapedAt = performance.now();
    for (const service of services) scrapes.set(service.name, await scrape(service));
  });
  const seconds = (performance.now() - began) / 1_000;
  const signals = (await options.countSignals()) - signalsBefore;
  const figures = services.map(async ({ name, child }) => {
    const { plain = 0, packed = 0 } = scrapes.get(name) ?? {};
    const { rssMb } = readUsage(child.pid ?? 0);
    const liveMb = (await ask<number>(child, 'how much lives?')) / 1e6;
    return [name, { rssMb, liveMb, scrapeBytes: plain, scrapeBytesPacked: packed }] as const;
  });
  return { seconds, signals, services: Object.fromEntries(await Promise.all(figures)) as Round['services'] };
}

/**
 * Waits until a number of signals is stored.
 * @param meanwhile called about four times a second during the wait
 * @throws Error if the signals are not stored within 300 s
 */
async function untilStored(
  signals: number,
  { countSignals }: LoadOptions,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const deadline = performance.now() + STORED_MS;
  for (let stored = await countSignals(); stored < signals; stored = await countSignals()) {
    if (performance.now() > deadline)
      throw new Error(`only ${stored} of ${signals} signals are stored after ${STORED_MS / 1_000} s`);
    await meanwhile();
    await sleep(250);
  }
}

async function ask<Answer>(child: ChildProcess, message: boolean | string): Promise<Answer> {
  const answered = once(child, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
  child.send(message);
  const [answer] = (await answered) as [Answer];
  return answer;
}

async function scrape({ url }: Service): Promise<{ plain: number; packed: number }> {
  const response = await fetch(`${url}/metrics`, { headers: { accept: ACCEPT, 'accept-encoding': 'gzip' } });
  const body = Buffer.from(await response.arrayBuffer());
  return { plain: body.length, packed: Number(response.headers.get('content-length') ?? gzipSync(body).length) };
}

interface Service {
  readonly name: ServiceName;
  readonly child: ChildProcess;
  readonly url: string;
  stop(): Promise<void>;
}

async function startService(
  name: ServiceName,
  environment: Readonly<Record<string, string>>,
  flags: readonly string[],
): Promise<Service> {
  const port = await findFreePort();
  const image = readImage(name);
  const child = spawn(process.execPath, [...image.options, ...flags, `services/${name}/main.ts`], {
    cwd: root,
    env: {
      ...image.environment,
      PATH: process.env.PATH,
      METRICS_HOST: '127.0.0.1',
      METRICS_PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let last = '';
  createInterface({ input: child.stdout as Readable }).on('line', (line) => {
    last = line;
  });
  const onExit = () => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + READY_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`${name} ended at its start: ${last}`);
    if (performance.now() > deadline) throw new Error(`${name} is not ready after ${READY_MS / 1_000} s: ${last}`);
    await sleep(100);
  }
  return {
    name,
    child,
    url,
    async stop() {
      process.removeListener('exit', onExit);
      if (child.exitCode !== null) throw new Error(`${name} ended by itself: ${last}`);
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}
