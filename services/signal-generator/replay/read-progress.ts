import { topics } from '#catalogue/topics.ts';
import type { Kafka } from '#kit/kafka/kafka.ts';
import { readLast } from '#kit/kafka/read-last.ts';
import type { Logger } from '#kit/log.ts';
import { type Bar, barSchema } from '#trading/market/bar.ts';

/**
 * Reads from the topic `market-data` at which sequence number the replay of each symbol resumes: the one after its last
 * bar on the topic. No signal is missing, because each bar is published after its signals. A symbol without bars starts
 * at 0.
 * @throws Error that names the symbol whose last bar cannot be parsed
 */
export async function readProgress(
  kafka: Kafka,
  groupId: string,
  symbols: readonly string[],
  log: Logger,
): Promise<Map<string, number>> {
  const topic = topics.marketData.name;
  let last = await readLast(kafka, topic, { groupId });
  if (last.size > 0 && symbols.some((symbol) => !last.has(symbol))) {
    log.info({ topic, symbols }, 'the newest bars do not cover every symbol, reading the whole topic');
    last = await readLast(kafka, topic, { groupId, perPartition: Number.MAX_SAFE_INTEGER, timeoutMs: 120_000 });
  }
  return new Map(symbols.map((symbol) => [symbol, nextSequence(symbol, last.get(symbol))]));
}

function nextSequence(symbol: string, last: Buffer | undefined): number {
  if (!last) return 0;
  try {
    const bar: Bar = barSchema.parse(JSON.parse(last.toString()));
    return bar.sequence + 1;
  } catch (error) {
    const topic = topics.marketData.name;
    throw new Error(
      `cannot resume the replay of ${symbol}: its last message on ${topic} is not a bar; delete the topic to start over`,
      { cause: error },
    );
  }
}
