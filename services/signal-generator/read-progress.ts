import { topics } from '#catalogue/topics.ts';
import type { Kafka } from '#kit/kafka/kafka.ts';
import { readLast } from '#kit/kafka/read-last.ts';
import type { Logger } from '#kit/log.ts';
import { type Bar, barSchema } from '#trading/market/bar.ts';

/**
 * Reads where the replay of each symbol goes on: after the last bar on the topic, which was published after the
 * signals of that bar. A symbol without a bar there begins at 0.
 * @throws Error that names the symbol whose last bar cannot be read
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
    log.info({ topic, symbols }, 'not every symbol is among the newest bars, reading them all');
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
    const remedy = `delete the topic ${topics.marketData.name} to begin the replay anew`;
    throw new Error(`the last bar of ${symbol} is none, so where to go on is unknown; ${remedy}`, { cause: error });
  }
}
