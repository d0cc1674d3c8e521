import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildBundle } from '#tools/bundles/build-bundle.ts';
import { bundles, MAIN } from '#tools/bundles/bundle.ts';
import { eventually } from './support/eventually.ts';
import { makeTestFolder, removeTestFolder } from './support/test-folder.ts';

const root = resolve(import.meta.dirname, '..');
/** The bundles are copied to this folder outside of the repository, so that Node finds no node_modules. */
const folder = makeTestFolder('bundles');
/** Timeout in milliseconds for loading a bundle. Loading takes a second, and much longer on a busy machine. */
const WITHIN_MS = 60_000;
const NOBODY = '127.0.0.1:9';
const commandLine = 'tradingpipeline';
const processes = bundles.map(({ name }) => name).filter((name) => name !== commandLine);

let child: ChildProcess | undefined;

beforeAll(async () => {
  for (const bundle of bundles) await buildBundle(bundle, root, folder);
}, 120_000);

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

afterAll(() => removeTestFolder(folder));

interface Ended {
  readonly code: number;
  readonly output: string;
}

function run(bundle: string, args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const command = [join(folder, bundle, MAIN), ...args];
  const env = { PATH: process.env.PATH, ...environment };
  return new Promise((done) => {
    const { exitCode } = execFile(process.execPath, command, { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : (exitCode ?? 0), output: stdout + stderr }),
    );
  });
}

/**
 * Starts the process of a bundle while Kafka, Redis, Postgres and the API server do not run. Resolves with the URL of
 * the process's ops server, and a function that returns the process's output so far.
 */
async function start(bundle: string, environment: Record<string, string> = {}) {
  const port = await findFreePort();
  let output = '';
  child = spawn(process.execPath, [join(folder, bundle, MAIN)], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      METRICS_HOST: '127.0.0.1',
      METRICS_PORT: String(port),
      KAFKA_BROKERS: NOBODY,
      DATABASE_URL: `postgres://nobody@${NOBODY}/nothing`,
      REDIS_URL: `redis://${NOBODY}`,
      KUBECONFIG: writeKubeconfig('token', { token: 'none' }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  const answers = async () => {
    if (child?.exitCode !== null) throw new Error(`${bundle} ended: ${output.slice(-2_000)}`);
    return expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  };
  await eventually(answers, WITHIN_MS);
  return { url: `http://127.0.0.1:${port}`, output: () => output };
}

function writeKubeconfig(name: string, user: object): string {
  const file = join(folder, `${name}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'away',
    clusters: [{ name: 'away', cluster: { server: `https://${NOBODY}` } }],
    users: [{ name: 'nobody', user }],
    contexts: [{ name: 'away', context: { cluster: 'away', user: 'nobody' } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe.each(processes)('the bundle of %s', { timeout: 2 * WITHIN_MS }, (name) => {
  it('ends with exit code 1 and names the wrong variable', async () => {
    const { code, output } = await run(name, [], { METRICS_PORT: 'nowhere' });
    expect(output).toContain('METRICS_PORT=nowhere');
    expect(code).toBe(1);
  });

  it('runs without node_modules, and serves its metrics', async () => {
    const { url } = await start(name, { API_PORT: '0' });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_seconds_total');
  });

  it('has a source map', () => {
    expect(existsSync(join(folder, name, `${MAIN}.map`))).toBe(true);
  });
});

describe('the files that are read at run time', { timeout: 2 * WITHIN_MS }, () => {
  it('signal-generator finds its market data', async () => {
    const { output } = await start('signal-generator');
    await eventually(() => expect(output().includes('create the topics')).toBe(true), WITHIN_MS);
  });

  it('backend serves the API documentation and its page', async () => {
    const port = await findFreePort();
    await start('backend', { API_HOST: '127.0.0.1', API_PORT: String(port) });
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    await eventually(async () => expect((await get('/docs/static/swagger-ui.css')).status).toBe(200), WITHIN_MS);
    expect(await (await get('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
  });

  it('the command line finds the runbooks', async () => {
    const { code, output } = await run(commandLine, ['explain', 'HighPipelineFailureRate']);
    expect(output).toContain('HighPipelineFailureRate');
    expect(code).toBe(0);
  });
});

describe('the bundle of the command line', () => {
  it('compiles a resource', async () => {
    const { code, output } = await run(commandLine, ['render', join(root, 'examples/platform/platform.yaml')]);
    expect(output).toContain('kind: PrometheusRule');
    expect(code).toBe(0);
  });

  it('prints its help', async () => {
    expect((await run(commandLine, ['--help'])).output).toContain('Usage: tradingpipeline');
  });
});

describe('the bundle of the controller', { timeout: 2 * WITHIN_MS }, () => {
  it('loads the Kubernetes client library and runs the login program of a kubeconfig', async () => {
    const KUBECONFIG = writeKubeconfig('program', {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-login' },
    });
    const { output } = await start('controller', { KUBECONFIG });
    await eventually(() => expect(output().includes('no-login')).toBe(true), WITHIN_MS);
  });
});
