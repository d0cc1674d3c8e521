/** The controller as a process whose time, memory and requests are measured. Linux: they are read from /proc. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const START_MS = 60_000;
const TICKS_PER_SECOND = 100;

export interface Usage {
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

export interface MeasuredProcess {
  usage(): Usage;
  /** Requests so far, by verb, as the controller counts them itself. */
  requests(verb: string): Promise<number>;
  /** Requests so far that write objects; its Lease is not one of them. */
  writes(): Promise<number>;
  /** Resolves once its queue is empty, or nearly so. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the controller as it is started anywhere, on a free port. Resolves at once: the start is measured, too. */
export async function startMeasured(
  kubeconfig: string,
  environment: Readonly<Record<string, string>>,
): Promise<MeasuredProcess> {
  const env = { ...process.env, KUBECONFIG: kubeconfig, METRICS_HOST: '127.0.0.1', METRICS_PORT: '0', ...environment };
  const child = spawn(process.execPath, ['controller/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    if (output.length < 1_000_000) output += chunk;
  });
  const onExit = () => void child.kill('SIGKILL');
  process.once('exit', onExit);
  const port = await waitFor('the controller says its port', async () => {
    if (child.exitCode !== null) throw new Error(`the controller did not start: ${output.slice(-2_000)}`);
    return /"port":(\d+)/.exec(output)?.[1];
  });
  const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const sum = async (prefix: string) => sumOfSeries(await scrape(), prefix);
  const requests = (verb: string) => sum(`tradingpipeline_controller_api_requests_total{verb="${verb}"`);
  return {
    usage: () => readUsage(child.pid ?? 0),
    requests,
    writes: async () => (await requests('apply')) + (await requests('delete')),
    settled: async () => {
      await waitFor('it leads', async () => (await sum('tradingpipeline_controller_leader')) === 1);
      await waitFor(
        'it has looked at all',
        async () => (await sum('tradingpipeline_controller_reconciles_total')) > 1_000,
      );
    },
    stop: async () => {
      process.removeListener('exit', onExit);
      if (child.exitCode !== null) throw new Error(`the controller ended by itself: ${output.slice(-2_000)}`);
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function readUsage(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const peakKb = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuSeconds: ticks / TICKS_PER_SECOND, peakRssMb: (Number(peakKb) * 1_024) / 1e6 };
}

function sumOfSeries(text: string, prefix: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(prefix));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

async function waitFor<T>(what: string, check: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${START_MS / 1_000} s: ${what}`);
    await sleep(10);
  }
}
