import { readFileSync } from 'node:fs';
import type { Series, Timeframe } from '#trading/market/bar.ts';
import { parseBars } from '#trading/market/parse-bars.ts';

/** The data files, keyed by symbol. data/README.md names their source. */
const files: Readonly<Record<string, { file: string; timeframe: Timeframe }>> = {
  BTCUSD: { file: 'BTCUSD-1M.csv', timeframe: '1M' },
  EURUSD: { file: 'EURUSD-1h.csv', timeframe: '1h' },
  GOOG: { file: 'GOOG-1d.csv', timeframe: '1d' },
};

/**
 * Reads the series of these symbols, by default of all symbols, from their data files. A repeated symbol is read once.
 * @throws Error that names a symbol without a data file, or the file and line of an invalid bar
 */
export function readMarket(symbols: readonly string[] = Object.keys(files)): Series[] {
  return [...new Set(symbols)].map((symbol) => {
    const entry = files[symbol];
    if (!entry) {
      const known = Object.keys(files).join(', ');
      throw new Error(`REPLAY_SYMBOLS: expected one of ${known}; there is no data of ${symbol}`);
    }
    const { file, timeframe } = entry;
    const text = readFileSync(new URL(`../data/${file}`, import.meta.url), 'utf8');
    return { symbol, timeframe, bars: parseBars(text, file) };
  });
}
