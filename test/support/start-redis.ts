import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildRedis } from '#local/servers/redis.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface TestRedis {
  /** `redis://127.0.0.1:PORT`. Redis has sixteen databases: append `/1` to use a database that no other test uses. */
  readonly url: string;
  /** Stops Redis and keeps its data on disk. `kill` stops it as a crash would. */
  halt(options?: { readonly kill?: boolean }): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<TestRedis> {
  const { files, environment } = await provisionForTests(parts.redis);
  const folder = makeTestFolder('redis');
  const port = await findFreePort();
  const server = buildRedis({ program: files['redis-server'], environment, folder, port });
  let running = await startRunning(server, folder);
  return {
    url: `redis://127.0.0.1:${port}`,
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
