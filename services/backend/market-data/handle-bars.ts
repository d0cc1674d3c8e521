import type { Kysely } from 'kysely';
import { topics } from '#catalogue/topics.ts';
import type { Publisher } from '#kit/kafka/publisher.ts';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import { createMessageHandler, type MessageHandler } from '#platform/messages/handle-messages.ts';
import type { Database } from '#platform/schema.ts';
import { type Bar, type MarketDataSource, marketDataSources, parseBar } from '#trading/market/bar.ts';
import type { LastPrices } from '#trading/market/last-prices.ts';
import { insertBars } from '../store/bars.ts';
import type { EmittedWatch } from './emitted-watch.ts';

type MarketDataMetric =
  | 'market_data_updates_total'
  | 'market_data_lag_seconds'
  | 'market_data_last_bar_timestamp_seconds'
  | 'market_data_rejected_total';

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

interface HandlingParts {
  publisher: Publisher;
  /** Aborted when the process must stop waiting for Kafka. */
  giveUp: AbortSignal;
}

/**
 * Returns a function that creates the handler for batches of the topic `market-data`. The handler stores the bars, then
 * updates the last prices, then counts the bars. If a batch is delivered again, its bars are not stored again, but they
 * are counted again.
 */
export function createHandleBars(options: HandleBarsOptions): (parts: HandlingParts) => MessageHandler {
  const rejected = options.instruments.counter('market_data_rejected_total');
  const store = createStoreBars(options);
  return ({ publisher, giveUp }) =>
    createMessageHandler({
      parse: parseBar,
      unstorable: 'not_a_bar',
      store: async (delivered) => {
        await store(delivered.map(({ item }) => item));
        options.emitted.observe(delivered.map(({ message }) => message));
      },
      deadLetters: topics.marketDataDeadLetters.name,
      onRejected: (reason) => rejected.add(1, { reason }),
      publisher,
      log: options.log,
      giveUp,
    });
}

function createStoreBars({ db, lastPrices, log, instruments, now }: HandleBarsOptions) {
  const updates = instruments.counter('market_data_updates_total');
  const lags = instruments.histogram('market_data_lag_seconds');
  const lastBar = instruments.gauge('market_data_last_bar_timestamp_seconds');

  return async (bars: readonly Bar[]): Promise<void> => {
    await withSpan('store bars', { attributes: { 'messaging.batch.message_count': bars.length } }, () =>
      insertBars(db, bars),
    );
    lastPrices.offer(bars.map(({ symbol, open_time, close }) => ({ symbol, openTime: new Date(open_time), close })));
    const handledAt = now() / 1_000;
    for (const symbol of new Set(bars.map((bar) => bar.symbol))) lastBar.set(handledAt, { symbol });
    for (const { symbol, source, closed_at, emitted_at } of bars) {
      if (isKnownSource(source)) {
        updates.add(1, { symbol, source });
        // A source of an earlier version does not say when the bar closed.
        lags.record(Math.max(0, handledAt - (closed_at ?? emitted_at)), { source });
      } else log.warn({ source }, 'stored a bar without counting it: the catalogue does not name its source');
    }
  };
}

function isKnownSource(source: string): source is MarketDataSource {
  return (marketDataSources as readonly string[]).includes(source);
}
