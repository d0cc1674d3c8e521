import { Client } from 'pg';
import { createBackoff } from '#base/keep-trying.ts';
import type { Logger } from '../log.ts';

export interface ListenOptions {
  url: string;
  channels: readonly string[];
  onNotification: (channel: string, payload: string) => void;
  /** Called after each (re)connection: what was notified before it is lost, so read everything again. */
  onConnected: () => void;
  log: Logger;
}

export interface Listener {
  stop(): Promise<void>;
}

/** Listens to NOTIFY channels on a connection of its own, for ever: a lost connection is made again, with backoff. */
export function listen(options: ListenOptions): Listener {
  const { url, log } = options;
  const stopping = new AbortController();
  const backoff = createBackoff(100, 10_000);
  let client: Client | undefined;

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

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await listenOnce();
      } catch (error) {
        log.warn({ error }, 'could not listen to the database');
      }
      if (stopping.signal.aborted) return;
      log.warn('connection for notifications lost, connecting again');
      await client?.end().catch(() => undefined);
      await backoff.wait(stopping.signal);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await client?.end().catch(() => undefined);
      await running;
    },
  };
}
