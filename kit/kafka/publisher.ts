import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import { createBackoff } from '#base/keep-trying.ts';
import type { Log } from '#base/log.ts';
import { classifyError, isRefusal, type PublishErrorType } from './publish-errors.ts';
import { type OutgoingMessage, splitMessages } from './split-messages.ts';

/** kafkajs is a CommonJS package, and Node does not find its error classes as named exports. */
const { Partitioners } = kafkajs;

/** The most bytes of one request, below the limit of 1,048,588 bytes that Kafka has by default for a batch. */
const REQUEST_BYTES = 900_000;

interface PublishOptions {
  /** Called after each failed attempt, before the messages are sent again. */
  onFailure?: (type: PublishErrorType) => void;
  /**
   * Aborting this signal ends the retries. The promise then rejects, and the messages may or may not have been
   * published.
   */
  signal?: AbortSignal;
  /**
   * Called with a message that the broker refuses, for its size for example. Returns a message to publish instead, or
   * undefined to leave it out. Without this function, the promise rejects with PublishRefused.
   * @param refusals how often this message has been refused, from 1
   */
  replace?: (message: OutgoingMessage, refusals: number) => OutgoingMessage | undefined;
}

export interface Publisher {
  /**
   * Publishes messages, and tries again until all in-sync replicas have acknowledged them. A call waits until the calls
   * before it have ended, which keeps the order of messages.
   * @throws PublishRefused if the broker refuses a message, and would refuse it again
   */
  publish(topic: string, messages: readonly OutgoingMessage[], options?: PublishOptions): Promise<void>;
  /** Readiness check for /readyz: returns why the last attempt failed, or undefined if it succeeded. */
  check(): string | undefined;
  stop(): Promise<void>;
}

/** The broker refuses a message for what it is, so that trying again cannot succeed. */
export class PublishRefused extends Error {
  constructor(topic: string, cause: unknown) {
    super(`${topic} refuses a message: ${cause instanceof Error ? cause.message : cause}`, { cause });
    this.name = 'PublishRefused';
  }
}

/**
 * Connects an idempotent producer and returns a publisher. If a retry sends a message again that the broker already
 * has, the broker drops it.
 */
export async function startPublisher(kafka: Kafka, log: Log): Promise<Publisher> {
  const sender = new Sender(kafka, log, await connect(kafka));
  let last: Promise<void> = Promise.resolve();
  return {
    publish(topic, messages, options = {}) {
      const turn = last.then(async () => {
        for (const group of splitMessages(messages, REQUEST_BYTES)) await sender.publishGroup(topic, group, options);
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    check: () => sender.wrong,
    async stop() {
      await last;
      await sender.stop();
    },
  };
}

/** Sends messages with a producer that it replaces after each failure. */
class Sender {
  /** Why the last attempt failed; undefined if it succeeded. */
  wrong: string | undefined;
  readonly #kafka: Kafka;
  readonly #log: Log;
  #producer: Producer | undefined;

  constructor(kafka: Kafka, log: Log, producer: Producer) {
    this.#kafka = kafka;
    this.#log = log;
    this.#producer = producer;
  }

  async stop(): Promise<void> {
    await this.#producer?.disconnect();
  }

  /** Publishes messages in one request, or in smaller ones if the broker refuses it, until single messages are left. */
  async publishGroup(topic: string, messages: OutgoingMessage[], options: PublishOptions, refusals = 0): Promise<void> {
    try {
      await this.#sendUntilDone(topic, messages, options);
    } catch (error) {
      if (!(error instanceof PublishRefused)) throw error;
      const [first] = messages;
      if (first && messages.length === 1) return this.#replace(topic, first, options, error, refusals + 1);
      const half = Math.ceil(messages.length / 2);
      await this.publishGroup(topic, messages.slice(0, half), options);
      await this.publishGroup(topic, messages.slice(half), options);
    }
  }

  async #replace(
    topic: string,
    message: OutgoingMessage,
    options: PublishOptions,
    error: PublishRefused,
    refusals: number,
  ): Promise<void> {
    if (!options.replace) {
      this.wrong = error.message;
      options.onFailure?.('broker');
      throw error;
    }
    const replacement = options.replace(message, refusals);
    if (replacement) await this.publishGroup(topic, [replacement], options, refusals);
  }

  async #sendUntilDone(topic: string, messages: OutgoingMessage[], options: PublishOptions): Promise<void> {
    const backoff = createBackoff(100, 5_000);
    while (true) {
      options.signal?.throwIfAborted();
      try {
        await this.#send(topic, messages);
        this.wrong = undefined;
        return;
      } catch (error) {
        await this.#dropProducer();
        if (isRefusal(error)) throw new PublishRefused(topic, error);
        options.onFailure?.(classifyError(error));
        this.wrong = `cannot publish: ${error}`;
        this.#log.warn({ error, topic, messages: messages.length }, 'publishing failed, trying again');
        await backoff.wait(options.signal);
      }
    }
  }

  async #send(topic: string, messages: OutgoingMessage[]): Promise<void> {
    this.#producer ??= await connect(this.#kafka);
    await this.#producer.send({
      topic,
      acks: -1,
      timeout: 10_000,
      messages: messages.map((message) => ({ ...message, key: message.key ?? null })),
    });
  }

  /**
   * After a failure the next sequence number that the broker expects is unknown, so the next attempt uses a new
   * producer.
   */
  async #dropProducer(): Promise<void> {
    await this.#producer?.disconnect().catch(() => undefined);
    this.#producer = undefined;
  }
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

export type { OutgoingMessage };
