import { readFileSync } from 'node:fs';
import type { Series } from '#trading/market/series.ts';
import type { Timeframe } from '#trading/signals/signal.ts';
import { parseBars } from './domain/parse-bars.ts';

/** The data files, by symbol; data/README.md says where they come from. */
const files: Readonly<Record<string, { file: string; timeframe: Timeframe }>> = {
  BTCUSD: { file: 'BTCUSD-1M.csv', timeframe: '1M' },
  EURUSD: { file: 'EURUSD-1h.csv', timeframe: '1h' },
  GOOG: { file: 'GOOG-1d.csv', timeframe: '1d' },
};

/**
 * Reads the series of the symbols to replay.
 * @throws Error that names the symbol there is no data for, or the file and line that is wrong
 */
export function readMarket(symbols: readonly string[] = Object.keys(files)): Series[] {
  return [...new Set(symbols)].map((symbol) => {
    const entry = files[symbol];
    if (!entry) {
      throw new Error(`REPLAY_SYMBOLS: there is no data of ${symbol}; there is of ${Object.keys(files).join(', ')}`);
    }
    const { file, timeframe } = entry;
    return { symbol, timeframe, bars: parseBars(readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8'), file) };
  });
}
