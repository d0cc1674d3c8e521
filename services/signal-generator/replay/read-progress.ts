import { isRejection } from '#base/parse-message.ts';
import { topics } from '#catalogue/topics.ts';
import type { Kafka } from '#kit/kafka/kafka.ts';
import { readLast } from '#kit/kafka/read-last.ts';
import type { Logger } from '#kit/log.ts';
import { type Bar, parseBar, REPLAY } from '#trading/market/bar.ts';

/**
 * Reads from the topic `market-data` at which sequence number the replay of each symbol resumes: the one after its last
 * replayed bar on the topic. No signal is missing, because each bar is published after its signals. Messages that are
 * not replayed bars are passed over. A symbol without bars starts at 0.
 */
export async function readProgress(
  kafka: Kafka,
  groupId: string,
  symbols: readonly string[],
  log: Logger,
): Promise<Map<string, number>> {
  const topic = topics.marketData.name;
  let last = await readLast(kafka, topic, { groupId, parse: parseReplayed });
  if (last.size > 0 && symbols.some((symbol) => !last.has(symbol))) {
    log.info({ topic, symbols }, 'the newest bars do not cover every symbol, reading the whole topic');
    const all = { perPartition: Number.MAX_SAFE_INTEGER, timeoutMs: 120_000 };
    last = await readLast(kafka, topic, { groupId, parse: parseReplayed, ...all });
  }
  return new Map(symbols.map((symbol) => [symbol, (last.get(symbol)?.sequence ?? -1) + 1]));
}

function parseReplayed(value: Buffer): Bar | undefined {
  const bar = parseBar(value);
  return isRejection(bar) || bar.source !== REPLAY ? undefined : bar;
}
