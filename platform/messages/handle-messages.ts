import { isRejection, type Rejection, reject } from '#base/parse-message.ts';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import { dataError } from './data-error.ts';
import { type DeadLetter, publishDeadLetters } from './dead-letters.ts';

/** An item and the message that contained it. */
interface Delivered<Item> {
  readonly item: Item;
  readonly message: IncomingMessage;
}

interface HandlingOptions<Item extends object, Reason extends string> {
  readonly parse: (value: Buffer) => Item | Rejection<Reason>;
  /** The reason of a message whose item is parsed and cannot be stored. */
  readonly unstorable: NoInfer<Reason>;
  /** Stores all items or none. It is called again with parts of them if Postgres refuses the data of one. */
  readonly store: (delivered: readonly Delivered<Item>[]) => Promise<void>;
  /** The topic of the dead letters. */
  readonly deadLetters: string;
  readonly publisher: Publisher;
  /** Counts a dead letter. Called after it is published. */
  readonly onRejected: (reason: NoInfer<Reason> | 'unreadable') => void;
  readonly log: Logger;
  /** Aborted when the process must stop waiting for a server. The batch then fails and is delivered again. */
  readonly giveUp: AbortSignal;
}

export type MessageHandler = (messages: readonly IncomingMessage[]) => Promise<void>;

/**
 * Creates the handler of a batch of messages. It stores the items, then publishes the other messages to the dead-letter
 * topic. Delivery is at-least-once: after a failure at any point, the same messages are handled again, so a dead letter
 * can be published twice; its headers name the original message.
 */
export function createMessageHandler<Item extends object, Reason extends string>(
  options: HandlingOptions<Item, Reason>,
): MessageHandler {
  return async (messages) => {
    const { delivered, letters } = parseAll(messages, options.parse);
    const refused = await storeEach(delivered, options);
    await publishDeadLetters([...letters, ...refused], options);
  };
}

function parseAll<Item extends object, Reason extends string>(
  messages: readonly IncomingMessage[],
  parse: (value: Buffer) => Item | Rejection<Reason>,
): { delivered: Delivered<Item>[]; letters: DeadLetter<Reason | 'unreadable'>[] } {
  const delivered: Delivered<Item>[] = [];
  const letters: DeadLetter<Reason | 'unreadable'>[] = [];
  for (const message of messages) {
    const { unreadable, value } = message;
    if (unreadable !== undefined) {
      letters.push({ message, rejection: reject('unreadable', unreadable) });
      continue;
    }
    const parsed = parse(value);
    if (isRejection(parsed)) letters.push({ message, rejection: parsed });
    else delivered.push({ message, item: parsed });
  }
  return { delivered, letters };
}

/**
 * Stores items. Returns a dead letter for each item that Postgres refuses. A refused item must not block the items
 * behind it, so a batch with bad data is halved again and again until the bad item is alone.
 */
async function storeEach<Item extends object, Reason extends string>(
  delivered: readonly Delivered<Item>[],
  options: HandlingOptions<Item, Reason>,
): Promise<DeadLetter<Reason>[]> {
  const [only] = delivered;
  if (!only) return [];
  try {
    await options.store(delivered);
    return [];
  } catch (error) {
    const detail = dataError(error);
    if (detail === undefined) throw error;
    if (delivered.length === 1)
      return [{ message: only.message, rejection: reject(options.unstorable, `cannot be stored: ${detail}`) }];
    const half = Math.ceil(delivered.length / 2);
    const first = await storeEach(delivered.slice(0, half), options);
    return [...first, ...(await storeEach(delivered.slice(half), options))];
  }
}
