import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OutgoingMessage, type Publisher, PublishRefused, startPublisher } from '#kit/kafka/publisher.ts';
import { readTopic } from '#tools/observe/read-topic.ts';
import { openTopics } from './kafka-topics.ts';

const { kafka, log, createTopic } = openTopics();
let publisher: Publisher;
beforeAll(async () => {
  publisher = await startPublisher(kafka, log);
});
afterAll(() => publisher?.stop());

const smallTopic = () => createTopic({ 'max.message.bytes': '2000' });
const message = (text: string, bytes: number): OutgoingMessage => ({ key: 'k', value: text.padEnd(bytes, '.') });
const namesIn = async (topic: string) =>
  (await readTopic(kafka, topic)).map(({ value }) => value.toString().replace(/\.*$/, ''));

describe('the publisher', () => {
  it('publishes in order what is too large only together', async () => {
    const topic = await smallTopic();
    const failures: string[] = [];
    const names = Array.from({ length: 20 }, (_, n) => `m${n}`);
    const messages = names.map((name) => message(name, 500));
    await publisher.publish(topic, messages, { onFailure: (type) => failures.push(type) });
    expect(await namesIn(topic)).toEqual(names);
    expect(failures).toEqual([]);
  });

  it('publishes 4 MB in one call to a topic with the default limit', async () => {
    const topic = await createTopic();
    await publisher.publish(
      topic,
      Array.from({ length: 40 }, (_, n) => message(`m${n}`, 100_000)),
    );
    expect(await namesIn(topic)).toEqual(Array.from({ length: 40 }, (_, n) => `m${n}`));
  });

  it('gives up at a message that is too large alone, and publishes the next call', async () => {
    const topic = await smallTopic();
    const failures: string[] = [];
    const refused = publisher.publish(topic, [message('a', 10), message('b', 5_000)], {
      onFailure: (type) => failures.push(type),
    });
    await expect(refused).rejects.toThrow(PublishRefused);
    expect(failures).toEqual(['broker']);
    expect(publisher.check()).toContain('refuses a message');
    await publisher.publish(topic, [message('c', 10)]);
    expect(publisher.check()).toBeUndefined();
    expect(await namesIn(topic)).toEqual(['a', 'c']);
  });

  it('asks for a replacement of a refused message until one fits, and leaves out a message without one', async () => {
    const topic = await smallTopic();
    const asked: number[] = [];
    const replace = ({ value }: OutgoingMessage, refusals: number) => {
      asked.push(refusals);
      if (String(value).startsWith('never')) return undefined;
      return message('b', refusals === 3 ? 100 : 5_000);
    };
    const messages = [message('a', 10), message('b', 9_000), message('never', 3_000), message('c', 10)];
    await publisher.publish(topic, messages, { replace });
    expect(await namesIn(topic)).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([1, 2, 3, 1]);
  });

  it('gives up at a message without a key on a compacted topic', async () => {
    const topic = await createTopic({ 'cleanup.policy': 'compact' });
    await expect(publisher.publish(topic, [{ key: undefined, value: 'v' }])).rejects.toThrow(PublishRefused);
  });
});
