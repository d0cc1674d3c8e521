/** Faults of the servers that the services use: locked tables, connections that are used up, wrong messages in Kafka. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '#catalogue/topics.ts';
import type { Signal } from '#trading/signals/signal.ts';
import { connectPostgres } from '../observe/connect-postgres.ts';
import { connectKafka, type KafkaAddress } from '../observe/read-topic.ts';
import { type Heal, keepDoing } from './heal.ts';

interface LockTimes {
  readonly heldMs: number;
  readonly freeMs: number;
}

/**
 * Locks a table in share mode, as CREATE INDEX does: reads are not blocked, writes wait.
 * @param postgres connection URL
 * @param times how long the lock is alternately held and released; if absent, the lock is held for an hour
 */
export async function lockTable(postgres: string, table: string, times?: LockTimes): Promise<Heal> {
  const client = await connectPostgres(postgres);
  const held = times?.heldMs ?? 3_600_000;
  const unlock = keepDoing(async (ending) => {
    await client.query('begin');
    await client.query(`lock table ${client.escapeIdentifier(table)} in share mode`);
    await sleep(held, undefined, { signal: ending }).catch(() => undefined);
    await client.query('rollback');
    if (!ending.aborted) await sleep(times?.freeMs);
  });
  return async () => {
    await unlock();
    await client.end();
  };
}

const RECONNECT_MS = 100;

/**
 * Keeps `count` connections to a server open and sends nothing on them, so that other clients wait once the server accepts no
 * more. A connection that the server closes or refuses is opened again.
 */
export function useUpConnections(address: string, count: number): Heal {
  const { hostname, port } = new URL(address);
  const sockets = new Set<Socket>();
  let healed = false;
  function open(): void {
    if (healed) return;
    const socket = connect(Number(port), hostname);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      setTimeout(open, RECONNECT_MS);
    });
  }
  for (let opened = 0; opened < count; opened += 1) open();
  return async () => {
    healed = true;
    for (const socket of sockets) socket.destroy();
  };
}

/** Publishes messages to the topic of signals, whether or not they are valid signals. */
export async function publishSignals(kafka: KafkaAddress, values: readonly string[]): Promise<void> {
  const producer = connectKafka(kafka).producer();
  await producer.connect();
  await producer.send({ topic: topics.signals.name, messages: values.map((value) => ({ key: 'GOOG', value })) });
  await producer.disconnect();
}

/**
 * Publishes one signal each of `count` new types, as a faulty generator would that writes an id into the type. No pipeline
 * matches them.
 * @param from number in the name of the first type; other numbers make other types
 */
export async function inventSignalTypes(kafka: KafkaAddress, count: number, from = 0): Promise<void> {
  const types = Array.from({ length: count }, (_, index) => `invented-${from + index}`);
  await publishSignals(kafka, types.map(printSignal));
}

function printSignal(type: string): string {
  const signal: Signal = {
    signal_id: `${type}-${Date.now()}`,
    signal_type: type,
    source: 'scenario',
    timestamp: Date.now() / 1_000,
    tickers: [{ ticker: 'GOOG', signal: 'NEUTRAL', confidence: 1, reasoning: 'the scenario says so' }],
    metadata: { timeframe: '1d' },
  };
  return JSON.stringify(signal);
}
