import { topics } from '#catalogue/topics.ts';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { OutgoingMessage, Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import type { DispatcherMetrics } from './dispatcher-metrics.ts';
import type { Rejection } from './domain/parse-message.ts';

export interface DeadLetter {
  readonly message: IncomingMessage;
  readonly rejection: Rejection;
}

export interface DeadLetterOptions {
  readonly publisher: Publisher;
  readonly metrics: DispatcherMetrics;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Publishes messages that are no signal to the dead-letter topic, as they came, and returns once it has them. */
export async function publishDeadLetters(letters: readonly DeadLetter[], options: DeadLetterOptions): Promise<void> {
  if (letters.length === 0) return;
  const { publisher, metrics, log, signal } = options;
  await publisher.publish(topics.deadLetters.name, letters.map(deadLetter), { signal });
  for (const { message, rejection } of letters) {
    metrics.rejected.add(1, { reason: rejection.reason });
    const { topic, partition, offset } = message;
    log.warn(
      { ...rejection, topic, partition, offset: String(offset) },
      'message is no signal, sent to the dead-letter topic',
    );
  }
}

function deadLetter({ message, rejection }: DeadLetter): OutgoingMessage {
  return {
    key: message.key,
    value: message.value,
    headers: {
      ...withoutNulls(message.headers),
      reason: rejection.reason,
      detail: rejection.detail,
      original_topic: message.topic,
      original_partition: String(message.partition),
      original_offset: String(message.offset),
      original_timestamp: String(message.timestampMs),
    },
  };
}

/** A header may be null, by itself or among several of its name: kafkajs reads it, and cannot write it. */
function withoutNulls(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const isThere = (value: unknown) => value !== null;
  const kept = Object.entries(headers)
    .filter(([, value]) => isThere(value))
    .map(([name, value]) => [name, Array.isArray(value) ? value.filter(isThere) : value]);
  return Object.fromEntries(kept);
}
