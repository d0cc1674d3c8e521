import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { findFreePort } from '#local/servers/free-port.ts';
import { eventually } from '../support/eventually.ts';
import { valueOfSeries } from '../support/scrape.ts';

interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

export interface BackendProcess {
  readonly api: string;
  readonly metrics: string;
  readonly log: LogLine[];
  readonly child: ChildProcess;
  /** Returns the value of a series in a scrape; undefined if the series is absent. */
  readSeries(series: string): Promise<number | undefined>;
  /** Ends the process with SIGTERM and returns its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the backend as a process of its own, as in production, and waits until it is ready, or only until its API answers. */
export async function startBackend(env: Record<string, string>, { ready = true } = {}): Promise<BackendProcess> {
  const [apiPort, metricsPort] = [env.API_PORT ?? (await findFreePort()), await findFreePort()];
  const child = spawn(process.execPath, ['services/backend/main.ts'], {
    env: {
      PATH: process.env.PATH,
      METRICS_HOST: '127.0.0.1',
      METRICS_PORT: String(metricsPort),
      API_PORT: String(apiPort),
      PORTFOLIO_INTERVAL_MS: '200',
      SHUTDOWN_TIMEOUT_MS: '10000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log: LogLine[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line) as LogLine));
  const metrics = `http://127.0.0.1:${metricsPort}`;
  const backend: BackendProcess = {
    api: `http://127.0.0.1:${apiPort}`,
    metrics,
    log,
    child,
    async readSeries(series) {
      return valueOfSeries(await (await fetch(`${metrics}/metrics`)).text(), series);
    },
    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      return code as number | null;
    },
  };
  const path = ready ? `${metrics}/readyz` : `${backend.api}/api/v1/problems`;
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`the backend ended: ${JSON.stringify(log.at(-1))}`);
      const answer = await fetch(path).catch(() => undefined);
      if (!answer?.ok) throw new Error(`not ready: ${(await answer?.text()) ?? 'does not answer'}`);
    }, 30_000);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the backend did not start in 30 s; its last log lines: ${JSON.stringify(log.slice(-3))}`, {
      cause: error,
    });
  }
  return backend;
}
