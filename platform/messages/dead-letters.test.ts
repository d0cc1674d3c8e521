import { expect, it } from 'vitest';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { OutgoingMessage, Publisher } from '#kit/kafka/publisher.ts';
import { createLogger } from '#kit/log.ts';
import { publishDeadLetters } from './dead-letters.ts';

it('keeps the headers of a dead letter unchanged, except null headers, which kafkajs cannot write', async () => {
  const sent: OutgoingMessage[] = [];
  const publisher = {
    publish: async (_: string, messages: readonly OutgoingMessage[]) => void sent.push(...messages),
  } as Publisher;
  const bytes = Buffer.from([0xff, 0x00, 0x80]);
  // The types of kafkajs exclude null headers, but its decoder returns them.
  const headers = {
    origin: bytes,
    route: ['a', 'b'],
    empty: null,
    mixed: [null, 'a'],
  } as unknown as IncomingMessage['headers'];
  const message = { topic: 't', partition: 0, offset: 7n, timestampMs: 1, key: 'GOOG', value: bytes, headers };
  const rejection = { reason: 'not_json', detail: 'not JSON' } as const;
  const counted: string[] = [];
  const log = createLogger('test', 'silent');
  const { signal: giveUp } = new AbortController();
  const onRejected = (reason: string) => void counted.push(reason);
  await publishDeadLetters([{ message, rejection }], { deadLetters: 'dlq', publisher, onRejected, log, giveUp });
  expect(counted).toEqual(['not_json']);
  expect(sent[0]?.headers).toMatchObject({ origin: bytes, route: ['a', 'b'], original_offset: '7' });
  expect(sent[0]?.headers).not.toHaveProperty('empty');
  expect(sent[0]?.headers?.mixed).toEqual(['a']);
});
