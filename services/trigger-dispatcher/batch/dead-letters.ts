import { topics } from '#catalogue/topics.ts';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { OutgoingMessage, Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import type { Rejection } from '#trading/signals/signal.ts';
import type { DispatcherMetrics } from '../dispatcher-metrics.ts';

export interface DeadLetter {
  readonly message: IncomingMessage;
  readonly rejection: Rejection;
}

interface DeadLetterOptions {
  readonly publisher: Publisher;
  readonly metrics: DispatcherMetrics;
  readonly log: Logger;
  readonly giveUp: AbortSignal;
}

/**
 * Publishes rejected messages to the dead-letter topic. Key, value and headers are unchanged, and headers with the
 * reason are added.
 */
export async function publishDeadLetters(letters: readonly DeadLetter[], options: DeadLetterOptions): Promise<void> {
  if (letters.length === 0) return;
  const { publisher, metrics, log, giveUp } = options;
  await publisher.publish(topics.deadLetters.name, letters.map(deadLetter), { signal: giveUp });
  for (const { message, rejection } of letters) {
    metrics.rejected.add(1, { reason: rejection.reason });
    const { topic, partition, offset } = message;
    log.warn(
      { ...rejection, topic, partition, offset: String(offset) },
      'message is not a signal, sent to the dead-letter topic',
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

/** Removes null headers, also from lists, because kafkajs can read a null header but fails to write one. */
function withoutNulls(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const isPresent = (value: unknown) => value !== null;
  const kept = Object.entries(headers)
    .filter(([, value]) => isPresent(value))
    .map(([name, value]) => [name, Array.isArray(value) ? value.filter(isPresent) : value]);
  return Object.fromEntries(kept);
}
