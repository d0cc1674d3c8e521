/** Starts the controller as a process, against a real API server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../support/eventually.ts';
import { sumSeries } from '../support/scrape.ts';

const root = join(import.meta.dirname, '..', '..');

export interface ControllerProcess {
  readonly child: ChildProcess;
  /** Returns everything that the controller has logged so far. */
  output(): string;
  /** Returns the sum of the series on its /metrics that have this name and at least these labels. */
  metric(series: string): Promise<number>;
  /** Returns the HTTP status of a path on its ops server. */
  status(path: string): Promise<number>;
  text(path: string): Promise<string>;
  /** Sends the signal, waits until the process exits, and returns its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function startControllerProcess(
  environment: Readonly<Record<string, string>>,
): Promise<ControllerProcess> {
  let output = '';
  const child = spawn(process.execPath, ['controller/main.ts'], {
    cwd: root,
    env: { ...process.env, METRICS_HOST: '127.0.0.1', METRICS_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const onExit = () => void child.kill('SIGKILL');
  process.once('exit', onExit);
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  const port = await until(30_000, 'it says its port', async () => /"port":(\d+)/.exec(output)?.[1]);
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  return {
    child,
    output: () => output,
    metric: async (series) => sumSeries(await (await get('/metrics')).text(), series),
    status: async (path) => (await get(path)).status,
    text: async (path) => (await get(path)).text(),
    end: async (signal) => {
      process.removeListener('exit', onExit);
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      // `exit` may be emitted before all output has been read; `close` is emitted afterwards.
      const [code] = await once(child, 'close');
      return code as number | null;
    },
  };
}
