import type { WebSocket } from 'ws';
import { STREAM_PATH } from '#catalogue/api.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { BackendConfig } from '../config.ts';
import { matchesSubscription, type StreamChannel, type StreamEvent, type Subscription } from './stream-subscription.ts';

const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
/** How long a client that is dropped has to take its close frame. */
const CLOSE_GRACE_MS = 2_000;
const ENDPOINT = { endpoint: STREAM_PATH } as const;

export interface StreamHubOptions {
  config: Pick<BackendConfig, 'STREAM_MAX_CLIENTS' | 'STREAM_MAX_BUFFERED_BYTES' | 'STREAM_HEARTBEAT_MS'>;
  log: Logger;
  instruments: Instruments<'websocket_connections_active'>;
}

interface Client {
  socket: WebSocket;
  subscription: Subscription;
  /** Whether it has answered since the last ping. */
  alive: boolean;
}

/**
 * The clients of the stream. Sends each event to those who asked for it. What a client does not take is bounded: one
 * that lets too much wait, or answers no ping, is dropped, so that it cannot slow the others or fill the memory.
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
      socket.close(TRY_AGAIN_LATER, `there are ${maxClients} clients already`);
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

  /** Whether anybody listens: what nobody hears need not be read. */
  hears(channel: StreamChannel): boolean {
    return [...this.#clients].some(({ subscription }) => subscription.channels.has(channel));
  }

  /** The pipelines that clients narrowed a channel to. */
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

  /** Tells every client that events may be missing. */
  announceGap(reason: string): void {
    for (const client of this.#clients) this.#send(client, { channel: 'stream', type: 'gap', data: { reason } });
  }

  /** Says goodbye to every client, and waits until they are gone. */
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
      this.#options.log.warn({ buffered_bytes: socket.bufferedAmount }, 'stream client is too slow, dropping it');
      void this.#drop(
        client,
        TRY_AGAIN_LATER,
        'too slow: messages were not taken in time; connect again and read the lists',
      );
      return;
    }
    socket.send(text);
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (!client.alive) {
        this.#options.log.info('stream client answers no ping, dropping it');
        client.socket.terminate();
        continue;
      }
      client.alive = false;
      client.socket.ping();
    }
  }

  /** Closes with a reason; a client that does not take the close frame is cut off. */
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
