import type { Rejection } from '#base/parse-message.ts';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { OutgoingMessage, Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import { shrinkLetter } from './shrink-letter.ts';

export interface DeadLetter<Reason extends string = string> {
  readonly message: IncomingMessage;
  readonly rejection: Rejection<Reason>;
}

interface DeadLetterOptions<Reason extends string> {
  /** The topic of the dead letters. */
  readonly deadLetters: string;
  readonly publisher: Publisher;
  readonly onRejected: (reason: Reason) => void;
  readonly log: Logger;
  readonly giveUp: AbortSignal;
}

/**
 * Publishes rejected messages to the dead-letter topic. Key, value and headers are unchanged, and headers with the
 * reason are added. A letter that is too large for the topic is published in part; if even its reason is refused, the
 * log has it. A dead letter never stops the messages behind it.
 */
export async function publishDeadLetters<Reason extends string>(
  letters: readonly DeadLetter<Reason>[],
  options: DeadLetterOptions<Reason>,
): Promise<void> {
  if (letters.length === 0) return;
  const { publisher, deadLetters, onRejected, log, giveUp } = options;
  await publisher.publish(deadLetters, letters.map(buildLetter), {
    signal: giveUp,
    replace(letter, refusals) {
      const smaller = shrinkLetter(letter, refusals);
      if (!smaller) log.error({ topic: deadLetters, headers: letter.headers }, 'Kafka refuses a dead letter, left out');
      return smaller;
    },
  });
  for (const { message, rejection } of letters) {
    onRejected(rejection.reason);
    const { topic, partition, offset } = message;
    log.warn(
      { ...rejection, topic, partition, offset: String(offset), dead_letters: deadLetters },
      'message rejected, sent to the dead-letter topic',
    );
  }
}

function buildLetter({ message, rejection }: DeadLetter): OutgoingMessage {
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
