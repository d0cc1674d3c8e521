import { topics } from '#catalogue/topics.ts';
import { connectKafka } from '../observe/read-topic.ts';

/** Puts messages on the topic of signals, whatever they are. */
export async function publishSignals(kafka: string, values: readonly string[]): Promise<void> {
  const producer = connectKafka(kafka).producer();
  await producer.connect();
  await producer.send({ topic: topics.signals.name, messages: values.map((value) => ({ key: 'GOOG', value })) });
  await producer.disconnect();
}
