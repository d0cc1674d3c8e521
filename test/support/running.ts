import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Launched, launchServer, waitUntilReady } from '#local/servers/launch.ts';
import type { Server } from '#local/servers/server.ts';

const READY_MS = 60_000;
const GRACE_MS = 20_000;

/** A real server started for a test. */
export interface Running {
  readonly launched: Launched;
  /** Sends the process its stop signal, or SIGKILL if `kill` is true. Resolves when the process has exited. */
  stop(options?: { readonly kill?: boolean }): Promise<void>;
}

export async function startRunning(server: Server, logFolder: string): Promise<Running> {
  const launched = await launchServer(server, join(logFolder, `${server.name}.log`), { detached: false });
  const onExit = () => launched.child.kill('SIGKILL');
  process.once('exit', onExit);
  const stop = async ({ kill = false } = {}) => {
    await end(launched, kill ? 'SIGKILL' : (server.stopSignal ?? 'SIGTERM'));
    process.removeListener('exit', onExit);
  };
  try {
    await waitUntilReady(server, launched, READY_MS);
  } catch (error) {
    await stop({ kill: true });
    throw error;
  }
  return { launched, stop };
}

async function end(launched: Launched, signal: NodeJS.Signals): Promise<void> {
  if (launched.ended()) return;
  launched.child.kill(signal);
  const deadline = performance.now() + GRACE_MS;
  while (!launched.ended()) {
    if (performance.now() > deadline) launched.child.kill('SIGKILL');
    await sleep(10);
  }
}
