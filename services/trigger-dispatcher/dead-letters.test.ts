import { expect, it } from 'vitest';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { OutgoingMessage, Publisher } from '#kit/kafka/publisher.ts';
import { createLogger } from '#kit/log.ts';
import { createIdleInstruments } from '#kit/telemetry/metrics/create-instruments.ts';
import { publishDeadLetters } from './dead-letters.ts';
import { createDispatcherMetrics } from './dispatcher-metrics.ts';

it('keeps the headers of a dead letter as they came, but for what kafkajs cannot write', async () => {
  const sent: OutgoingMessage[] = [];
  const publisher = {
    publish: async (_: string, messages: readonly OutgoingMessage[]) => void sent.push(...messages),
  } as Publisher;
  const bytes = Buffer.from([0xff, 0x00, 0x80]);
  // No type of kafkajs says that a header may be null; its decoder gives one.
  const headers = {
    origin: bytes,
    route: ['a', 'b'],
    empty: null,
    mixed: [null, 'a'],
  } as unknown as IncomingMessage['headers'];
  const message = { topic: 't', partition: 0, offset: 7n, timestampMs: 1, key: 'GOOG', value: bytes, headers };
  const rejection = { reason: 'not_json', detail: 'no JSON' } as const;
  const metrics = createDispatcherMetrics(createIdleInstruments());
  const log = createLogger('test', 'silent');
  const { signal } = new AbortController();
  await publishDeadLetters([{ message, rejection }], { publisher, metrics, log, signal });
  expect(sent[0]?.headers).toMatchObject({ origin: bytes, route: ['a', 'b'], original_offset: '7' });
  expect(sent[0]?.headers).not.toHaveProperty('empty');
  expect(sent[0]?.headers?.mixed).toEqual(['a']);
});
