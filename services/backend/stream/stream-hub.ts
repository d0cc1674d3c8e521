import type { WebSocket } from 'ws';
import { STREAM_PATH } from '#catalogue/api.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { BackendConfig } from '../config.ts';
import { matchesSubscription, type StreamChannel, type StreamEvent, type Subscription } from './stream-subscription.ts';

const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
/** Time for a dropped client to answer the close frame. When it is over, the connection is terminated. */
const CLOSE_GRACE_MS = 2_000;
const ENDPOINT = { endpoint: STREAM_PATH } as const;

interface StreamHubOptions {
  config: Pick<BackendConfig, 'STREAM_MAX_CLIENTS' | 'STREAM_MAX_BUFFERED_BYTES' | 'STREAM_HEARTBEAT_MS'>;
  log: Logger;
  instruments: Instruments<'websocket_connections_active'>;
}

interface Client {
  socket: WebSocket;
  subscription: Subscription;
  /** Whether the client has answered the last ping. */
  alive: boolean;
}

/**
 * Holds the WebSocket clients of the stream, and sends each event to the clients that subscribed to it. Drops a client
 * if too many bytes for it are buffered or if it does not answer a ping, so that one client can neither slow down the
 * other clients nor fill the memory.
 */
export class StreamHub {
  readonly #clients = new Set<Client>();
  readonly #options: StreamHubOptions;
  readonly #connections;
  readonly #heartbeat: NodeJS.Timeout;

  constructor(options: StreamHubOptions) {
    this.#options = options;
    this.#connections = options.instruments.gauge('websocket_connections_active');
    this.#heartbeat = setInterval(() => this.#beat(), options.config.STREAM_HEARTBEAT_MS);
  }

  add(socket: WebSocket, subscription: Subscription): void {
    const maxClients = this.#options.config.STREAM_MAX_CLIENTS;
    if (this.#clients.size >= maxClients) {
      socket.close(TRY_AGAIN_LATER, `there are already ${maxClients} clients`);
      return;
    }
    const client: Client = { socket, subscription, alive: true };
    this.#clients.add(client);
    this.#connections.add(1, ENDPOINT);
    socket.on('pong', () => {
      client.alive = true;
    });
    socket.on('close', () => this.#forget(client));
    const channels = [...subscription.channels];
    this.#send(client, {
      channel: 'stream',
      type: 'subscribed',
      data: { channels, pipeline_id: subscription.pipelineId ?? null },
    });
  }

  /**
   * Returns whether any client has subscribed to the channel. If none has, the channel's events need not be read from
   * the database.
   */
  hears(channel: StreamChannel): boolean {
    return [...this.#clients].some(({ subscription }) => subscription.channels.has(channel));
  }

  /** Returns the pipelines to which clients of the channel have restricted their subscriptions. */
  pipelineFilters(channel: StreamChannel): string[] {
    const asked = [...this.#clients].filter(({ subscription }) => subscription.channels.has(channel));
    return [...new Set(asked.flatMap(({ subscription }) => subscription.pipelineId ?? []))];
  }

  publish(events: readonly StreamEvent[]): void {
    for (const event of events) {
      const text = JSON.stringify({ channel: event.channel, type: event.type, data: event.data });
      for (const client of this.#clients) {
        if (matchesSubscription(client.subscription, event)) this.#sendText(client, text);
      }
    }
  }

  /** Tells every client that it may have missed events. */
  announceGap(reason: string): void {
    for (const client of this.#clients) this.#send(client, { channel: 'stream', type: 'gap', data: { reason } });
  }

  /** Closes every connection with code 1001, and waits until all are closed. */
  async closeAll(): Promise<void> {
    clearInterval(this.#heartbeat);
    await Promise.all([...this.#clients].map((client) => this.#drop(client, GOING_AWAY, 'the backend is stopping')));
  }

  #send(client: Client, message: object): void {
    this.#sendText(client, JSON.stringify(message));
  }

  #sendText(client: Client, text: string): void {
    const { socket } = client;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > this.#options.config.STREAM_MAX_BUFFERED_BYTES) {
      this.#options.log.warn({ buffered_bytes: socket.bufferedAmount }, 'dropping a stream client that is too slow');
      void this.#drop(
        client,
        TRY_AGAIN_LATER,
        'too slow: too many messages are waiting; connect again and read the lists',
      );
      return;
    }
    socket.send(text);
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (!client.alive) {
        this.#options.log.info('dropping a stream client that answers no ping');
        client.socket.terminate();
        continue;
      }
      client.alive = false;
      client.socket.ping();
    }
  }

  /**
   * Closes the connection with a reason. Terminates the connection if the client does not answer the close frame in
   * time.
   */
  async #drop(client: Client, code: number, reason: string): Promise<void> {
    const { socket } = client;
    this.#forget(client);
    if (socket.readyState === socket.CLOSED) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const cutOff = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    socket.close(code, reason);
    await closed;
    clearTimeout(cutOff);
  }

  #forget(client: Client): void {
    if (this.#clients.delete(client)) this.#connections.add(-1, ENDPOINT);
  }
}
