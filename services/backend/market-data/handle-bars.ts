import type { Kysely } from 'kysely';
import type { IncomingMessage } from '#kit/kafka/consume-batches.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { Database } from '#platform/schema.ts';
import { type Bar, type MarketDataSource, marketDataSources } from '#trading/market/bar.ts';
import type { LastPrices } from '#trading/market/last-prices.ts';
import { insertBars } from '../store/bars.ts';
import type { EmittedWatch } from './emitted-watch.ts';
import { parseBar } from './parse-bar.ts';

type MarketDataMetric =
  | 'market_data_updates_total'
  | 'market_data_lag_seconds'
  | 'market_data_last_bar_timestamp_seconds';

interface HandleBarsOptions {
  db: Kysely<Database>;
  lastPrices: LastPrices;
  log: Logger;
  instruments: Instruments<MarketDataMetric>;
  /** Takes note of what the bars say about what is emitted. */
  emitted: Pick<EmittedWatch, 'observe'>;
  /** Returns the current time, milliseconds since 1970. */
  now: () => number;
}

/**
 * Returns the handler for batches of the topic `market-data`. The handler stores the bars, then updates the last
 * prices, then counts the bars. If a batch is delivered again, its bars are not stored again, but they are counted
 * again.
 */
export function createHandleBars({ db, lastPrices, log, instruments, emitted, now }: HandleBarsOptions) {
  const updates = instruments.counter('market_data_updates_total');
  const lags = instruments.histogram('market_data_lag_seconds');
  const lastBar = instruments.gauge('market_data_last_bar_timestamp_seconds');

  return async (messages: readonly IncomingMessage[]): Promise<void> => {
    const bars = readBars(messages, log);
    await withSpan('store bars', { attributes: { 'messaging.batch.message_count': messages.length } }, () =>
      insertBars(db, bars),
    );
    if (bars.length > 0) emitted.observe(messages);
    lastPrices.offer(bars.map(({ symbol, open_time, close }) => ({ symbol, openTime: new Date(open_time), close })));
    const handledAt = now() / 1_000;
    for (const symbol of new Set(bars.map((bar) => bar.symbol))) lastBar.set(handledAt, { symbol });
    for (const { symbol, source, closed_at, emitted_at } of bars) {
      if (!isKnownSource(source)) continue;
      updates.add(1, { symbol, source });
      // A source of an earlier version does not say when the bar closed.
      lags.record(Math.max(0, handledAt - (closed_at ?? emitted_at)), { source });
    }
  };
}

/**
 * Parses the messages and returns the bars. A message that is not a bar is logged with its offset and skipped, because
 * retrying would not help.
 */
function readBars(messages: readonly IncomingMessage[], log: Logger): Bar[] {
  return messages.flatMap(({ topic, partition, offset, value }) => {
    const bar = parseBar(value);
    if ('reason' in bar) {
      log.warn(
        { topic, partition, offset: String(offset), reason: bar.reason },
        'skipping a message that is not a bar',
      );
      return [];
    }
    if (!isKnownSource(bar.source))
      log.warn({ source: bar.source }, 'storing a bar without counting it: the catalogue does not name its source');
    return [bar];
  });
}

function isKnownSource(source: string): source is MarketDataSource {
  return (marketDataSources as readonly string[]).includes(source);
}
