import kafkajs, { type IHeaders, type Kafka, type Producer } from 'kafkajs';
import { createBackoff } from '#base/keep-trying.ts';
import type { Log } from '#base/log.ts';

/** kafkajs is a CommonJS package, and Node does not find its error classes as named exports. */
const { KafkaJSError, Partitioners } = kafkajs;

export interface OutgoingMessage {
  key: string | undefined;
  value: string | Buffer;
  headers?: IHeaders;
}

export type PublishErrorType = 'timeout' | 'connection' | 'broker' | 'other';

interface PublishOptions {
  /** Called after each failed attempt, before the messages are sent again. */
  onFailure?: (type: PublishErrorType) => void;
  /**
   * Aborting this signal ends the retries. The promise then rejects, and the messages may or may not have been
   * published.
   */
  signal?: AbortSignal;
}

export interface Publisher {
  /**
   * Publishes messages, and tries again until all in-sync replicas have acknowledged them. A call waits until the calls
   * before it have ended, which keeps the order of messages.
   */
  publish(topic: string, messages: readonly OutgoingMessage[], options?: PublishOptions): Promise<void>;
  /** Readiness check for /readyz: returns why the last attempt failed, or undefined if it succeeded. */
  check(): string | undefined;
  stop(): Promise<void>;
}

/**
 * Connects an idempotent producer and returns a publisher. If a retry sends a message again that the broker already
 * has, the broker drops it.
 */
export async function startPublisher(kafka: Kafka, log: Log): Promise<Publisher> {
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
        // After a failure the next sequence number that the broker expects is unknown, so the next attempt uses a new
        // producer.
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
