import { Client } from 'pg';
import { createBackoff } from '#base/keep-trying.ts';
import type { Log } from '#base/log.ts';
import { startLoop } from '#base/repeat.ts';

interface ListenOptions {
  url: string;
  channels: readonly string[];
  onNotification: (channel: string, payload: string) => void;
  /**
   * Called after each connection and reconnection. Notifications sent while there was no connection are lost, so the
   * caller must read everything again.
   */
  onConnected: () => void;
  log: Log;
}

interface Listener {
  stop(): Promise<void>;
}

/** Listens to NOTIFY channels on a connection of its own, until the listener is stopped. Reconnects with backoff. */
export function listen(options: ListenOptions): Listener {
  const { url, log } = options;
  const backoff = createBackoff(100, 10_000);
  let client: Client | undefined;
  const endClient = () => client?.end().catch(() => undefined);

  /** Connects, listens to the channels, and returns when the connection ends. */
  async function listenOnce(): Promise<void> {
    client = new Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000 });
    const ended = new Promise<void>((resolve) => client?.once('end', resolve).once('error', () => resolve()));
    await client.connect();
    client.on('notification', ({ channel, payload }) => options.onNotification(channel, payload ?? ''));
    for (const channel of options.channels) await client.query(`listen ${client.escapeIdentifier(channel)}`);
    backoff.reset();
    options.onConnected();
    await ended;
  }

  const loop = startLoop(async (abort) => {
    await listenOnce().catch((error: unknown) => log.warn({ error }, 'could not listen to the database'));
    if (abort.aborted) return 0;
    log.warn({}, 'connection for notifications lost, connecting again');
    await endClient();
    return backoff.nextDelay();
  });
  return {
    async stop() {
      const stopped = loop.stop();
      await endClient();
      await stopped;
    },
  };
}
