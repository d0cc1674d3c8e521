/** The four services at work, as processes whose CPU and memory are measured. Linux: memory is read from /proc. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type ServiceName, serviceNames } from '#catalogue/services.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { readUsage } from './measured-process.ts';
import { readImage } from './read-image.ts';
import type { Slice } from './switch-telemetry.ts';

const root = join(import.meta.dirname, '..');
const READY_MS = 120_000;
/** Many times what it takes. */
const STORED_MS = 300_000;
/** What Prometheus asks for, as often as it does. */
const ACCEPT = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
const SCRAPE_MS = 10_000;
/** Long enough for dozens of batches, short enough for what drifts on the machine to be in its neighbour too. */
const SLICE_MS = 5_000;
const ANSWER_MS = 10_000;
const memoryReporter = join(root, 'bench', 'report-live-memory.ts');
const telemetrySwitch = join(root, 'bench', 'switch-telemetry.ts');

export interface ServiceFigures {
  /** Some 30 MB up or down: it says when V8 last happened to collect, too. */
  readonly rssMb: number;
  /** What lives, after a collection. */
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
  /** Servers, rates, and what telemetry shall do. */
  readonly environment: Readonly<Record<string, string>>;
  /** Stored before measuring begins. */
  readonly warmUpSignals: number;
  /** Signals stored so far. */
  readonly countSignals: () => Promise<number>;
  /** Called once the backend is ready, before the others start. */
  readonly prepare: (api: string) => Promise<void>;
}

export interface RoundOptions extends LoadOptions {
  /** Measured after the first: the same ones each round, so that rounds do the same work. */
  readonly measuredSignals: number;
  /** Where each service writes its CPU profile when it ends. */
  readonly profiles?: string;
}

/** Runs the services, scraped as Prometheus scrapes them, and measures them after they are warm. */
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

/** Slices of a few seconds, each beside one of the other kind, so that nothing else differs for long. */
export interface Slices {
  readonly with: Slice[];
  readonly without: Slice[];
}

/** What grows or falls all the while is in both alike. */
const TURNS = ['with', 'without', 'without', 'with'] as const;

/** Runs the services once, and switches their telemetry off and on. Both are scraped as often: one slice in two. */
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

/** What each used since it was switched before. */
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
 * @param meanwhile called four times a second
 * @throws Error when they do not come in time
 */
async function untilStored(
  signals: number,
  { countSignals }: LoadOptions,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const deadline = performance.now() + STORED_MS;
  for (let stored = await countSignals(); stored < signals; stored = await countSignals()) {
    if (performance.now() > deadline)
      throw new Error(`${stored} of ${signals} signals are stored after ${STORED_MS / 1_000} s`);
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
    if (child.exitCode !== null) throw new Error(`${name} did not start: ${last}`);
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

interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: { url: string; functionName: string }; children?: number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * Share of its CPU that a service spends in each part of the code: a sample belongs to the file nearest to the top of the
 * stack, so that Node's own work counts for whoever asked for it.
 */
export function readProfile(folder: string, name: ServiceName): Record<string, number> {
  const file = readdirSync(folder).find((entry) => entry === `${name}.cpuprofile`);
  if (!file) throw new Error(`${name} wrote no profile into ${folder}`);
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros: Record<string, number> = {};
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const spent = timeDeltas[index] ?? 0;
    if (frames.get(sample)?.functionName === '(idle)') continue;
    total += spent;
    let node: number | undefined = sample;
    while (node !== undefined && !frames.get(node)?.url.startsWith('file:')) node = parents.get(node);
    const part = partOf(node === undefined ? '' : (frames.get(node)?.url ?? ''));
    micros[part] = (micros[part] ?? 0) + spent;
  }
  return Object.fromEntries(Object.entries(micros).map(([part, spent]) => [part, spent / total]));
}

function partOf(url: string): string {
  if (/kit\/telemetry\/(tracing|start-tracing)|opentelemetry\/(sdk-trace|context-async-hooks|core)/.test(url))
    return 'traces';
  if (/kit\/telemetry|opentelemetry|prom-client/.test(url)) return 'metrics';
  return 'work';
}
