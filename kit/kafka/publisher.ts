import kafkajs, { type IHeaders, type Kafka, type Producer } from 'kafkajs';
import { createBackoff } from '#base/keep-trying.ts';
import type { Logger } from '../log.ts';

/** kafkajs is CommonJS, and its errors are not among the names Node finds in it. */
const { KafkaJSError, Partitioners } = kafkajs;

export interface OutgoingMessage {
  key: string | undefined;
  value: string | Buffer;
  headers?: IHeaders;
}

export type PublishErrorType = 'timeout' | 'connection' | 'broker' | 'other';

export interface PublishOptions {
  /** Called for each failed attempt; the messages are tried again. */
  onFailure?: (type: PublishErrorType) => void;
  /** Ends the retries: the promise then rejects, and nothing of the messages is certain. */
  signal?: AbortSignal;
}

export interface Publisher {
  /**
   * Publishes with acknowledgement of all in-sync replicas, and tries again until it has it, in order: calls wait for
   * each other.
   */
  publish(topic: string, messages: readonly OutgoingMessage[], options?: PublishOptions): Promise<void>;
  /** For /readyz: what is wrong since the last attempt, or nothing. */
  check(): string | undefined;
  stop(): Promise<void>;
}

/** Connects an idempotent producer: the broker drops what it has already seen of a retry. */
export async function startPublisher(kafka: Kafka, log: Logger): Promise<Publisher> {
  let producer: Producer | undefined = await connect(kafka);
  let wrong: string | undefined;
  let last: Promise<void> = Promise.resolve();

  async function publishUntilDone(
    topic: string,
    messages: readonly OutgoingMessage[],
    options: PublishOptions,
  ): Promise<void> {
    const backoff = createBackoff(100, 5_000);
    while (true) {
      options.signal?.throwIfAborted();
      try {
        producer ??= await connect(kafka);
        await producer.send({
          topic,
          acks: -1,
          timeout: 10_000,
          messages: messages.map((message) => ({ ...message, key: message.key ?? null })),
        });
        wrong = undefined;
        return;
      } catch (error) {
        wrong = `cannot publish: ${error}`;
        log.warn({ error, topic, messages: messages.length }, 'publishing failed, trying again');
        options.onFailure?.(classifyError(error));
        // After a failure the sequence numbers of an idempotent producer are in doubt: a new one starts afresh.
        await producer?.disconnect().catch(() => undefined);
        producer = undefined;
        await backoff.wait(options.signal);
      }
    }
  }

  return {
    publish(topic, messages, options = {}) {
      const turn = last.then(() => publishUntilDone(topic, messages, options));
      last = turn.catch(() => undefined);
      return turn;
    },
    check: () => wrong,
    async stop() {
      await last;
      await producer?.disconnect();
    },
  };
}

async function connect(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { retries: 2 },
  });
  await producer.connect();
  return producer;
}

function classifyError(error: unknown): PublishErrorType {
  const cause = error instanceof KafkaJSError && error.cause instanceof Error ? error.cause : error;
  const name = cause instanceof Error ? cause.name : '';
  if (name.includes('Timeout')) return 'timeout';
  if (name.includes('Connection') || name.includes('BrokerNotFound')) return 'connection';
  return cause instanceof KafkaJSError ? 'broker' : 'other';
}
