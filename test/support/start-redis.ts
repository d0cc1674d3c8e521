import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { portAnswers } from '#local/servers/probes.ts';
import { buildRedis } from '#local/servers/redis.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface TestRedis {
  /** `redis://127.0.0.1:PORT`. Redis has sixteen databases: append `/1` to use a database that no other test uses. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Stops Redis and keeps its data on disk. `kill` stops it as a crash would. */
  halt(options?: { readonly kill?: boolean }): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @param settings further settings, as arguments of redis-server */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const { files, environment } = await provisionForTests(parts.redis);
  const folder = makeTestFolder('redis');
  const port = await findFreePort();
  const server = buildRedis({ program: files['redis-server'], environment, folder, port, settings });
  let running = await startRunning(server, folder);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.launched.child.pid as number;
    },
    halt: (how) => running.stop(how),
    start: async () => {
      running = await startRunning(server, folder);
    },
    stop: async () => {
      await running.stop({ kill: true });
      removeTestFolder(folder);
    },
  };
}

/** Starts a Sentinel that watches the master on a port under the name `mymaster`, and decides alone. */
export async function startSentinel(masterPort: number): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { files, environment } = await provisionForTests(parts.redis);
  const folder = makeTestFolder('sentinel');
  const port = await findFreePort();
  const file = join(folder, 'sentinel.conf');
  const settings = ['down-after-milliseconds mymaster 500', 'failover-timeout mymaster 5000'];
  const lines = [`monitor mymaster 127.0.0.1 ${masterPort} 1`, ...settings].map((line) => `sentinel ${line}`);
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, ...lines, ''].join('\n'));
  const ready = () => portAnswers(port, 'PING\r\n');
  const server = { name: 'sentinel', command: files['redis-server'], args: [file, '--sentinel'], environment, ready };
  const running = await startRunning(server, folder);
  return {
    port,
    stop: async () => {
      await running.stop({ kill: true });
      removeTestFolder(folder);
    },
  };
}
