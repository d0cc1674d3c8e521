import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ServiceName } from '#catalogue/services.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { sumSeries } from '../support/scrape.ts';

interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

/** A service that runs as in production, in a process of its own. Tests observe its metrics, its logs and its exit code. */
export interface ServiceProcess {
  readonly url: string;
  readonly log: LogLine[];
  scrape(): Promise<string>;
  /** Returns the sum of a metric's series that have these labels. */
  metric(name: string, labels?: Record<string, string>): Promise<number>;
  /** Reads /readyz. */
  readiness(): Promise<{ ready: boolean; answer: string }>;
  untilReady(): Promise<void>;
  /** Resolves with the exit code once the process has ended. */
  readonly ended: Promise<number | null>;
  /** Ends the process with SIGTERM and returns its exit code. */
  stop(): Promise<number | null>;
  /** Ends the process with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/** Starts a service and waits until it responds to scrapes. The service may not be ready yet. */
export async function startService(name: ServiceName, environment: Record<string, string>): Promise<ServiceProcess> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [`services/${name}/main.ts`], {
    env: { PATH: process.env.PATH, METRICS_HOST: '127.0.0.1', METRICS_PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const endWithTests = () => child.kill('SIGKILL');
  process.once('exit', endWithTests);
  child.once('exit', () => process.removeListener('exit', endWithTests));
  const log: LogLine[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line) as LogLine));
  const service = watchService(child, `http://127.0.0.1:${port}`, log);
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${name} ended at its start: ${JSON.stringify(log.at(-1))}`);
  });
  await Promise.race([eventually(() => service.scrape()), failed]);
  failed.catch(() => undefined);
  return service;
}

function watchService(child: ChildProcess, url: string, log: LogLine[]): ServiceProcess {
  const ended = once(child, 'exit') as Promise<[code: number | null]>;
  const throwIfEnded = () => {
    if (child.exitCode !== null) throw new Error(`the process ended: ${JSON.stringify(log.at(-1))}`);
  };
  const service: ServiceProcess = {
    url,
    log,
    async scrape() {
      throwIfEnded();
      return (await fetch(`${url}/metrics`)).text();
    },
    metric: async (name, labels = {}) => sumSeries(await service.scrape(), name, labels),
    async readiness() {
      throwIfEnded();
      const answer = await fetch(`${url}/readyz`);
      return { ready: answer.ok, answer: await answer.text() };
    },
    ended: ended.then(([code]) => code),
    untilReady: () =>
      eventually(async () => {
        const { ready, answer } = await service.readiness();
        if (!ready) throw new Error(`not ready: ${answer}`);
      }, 30_000),
    async stop() {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  return service;
}
