/** The opening hours of the markets that are replayed. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Logger } from '#kit/log.ts';
import { type ExchangeCalendar, isMarketOpen, type MarketCalendar } from '#trading/market/market-hours.ts';
import type { GeneratorConfig } from '../config.ts';

const date = z.iso.date();
const time = z.string().regex(/^\d\d:\d\d$/);
const fileSchema = z.object({
  source: z.string(),
  timeZone: z.string(),
  opens: time,
  closes: time,
  from: date,
  to: date,
  holidays: z.array(date),
  earlyCloses: z.record(date, time),
});

const calendars: Readonly<Record<string, () => MarketCalendar>> = {
  BTCUSD: () => ({ kind: 'always' }),
  // By convention, a trading week of currencies lasts from Sunday 17:00 to Friday 17:00 in New York.
  EURUSD: () => ({
    kind: 'week',
    timeZone: 'America/New_York',
    opens: { day: 0, time: '17:00' },
    closes: { day: 5, time: '17:00' },
  }),
  // Google trades on NASDAQ, which has the same trading days and hours as the New York Stock Exchange.
  GOOG: () => readExchange('XNYS'),
};

/**
 * Returns a function that says whether the market of a symbol is open now.
 * @param hours MARKET_HOURS: `replay` keeps every market open, `exchange` uses the opening hours of the real market
 */
export function createMarketHours(
  hours: GeneratorConfig['MARKET_HOURS'],
  symbols: readonly string[],
  log: Logger,
  clock: () => Date = () => new Date(),
): (symbol: string) => boolean {
  if (hours === 'replay') return () => true;
  const bySymbol = new Map(symbols.map((symbol) => [symbol, readCalendar(symbol, clock(), log)]));
  return (symbol) => {
    const calendar = bySymbol.get(symbol);
    return calendar === undefined || isMarketOpen(calendar, clock());
  };
}

/**
 * Reads the calendar of a symbol's market. A symbol without a calendar counts as always open, so that an alert fires if
 * its bars stop. Logs a warning if the calendar does not cover the day of `now`.
 */
export function readCalendar(symbol: string, now: Date, log: Logger): MarketCalendar {
  const calendar = calendars[symbol]?.() ?? { kind: 'always' };
  if (calendar.kind === 'sessions' && now.toISOString().slice(0, 10) > calendar.to)
    log.warn(
      { symbol, known_to: calendar.to },
      'the exchange calendar has ended, every working day counts as a session; extend the file in data/',
    );
  return calendar;
}

/**
 * Reads the calendar of an exchange from its file in data/.
 * @throws Error that names the file and the invalid field
 */
export function readExchange(name: string): ExchangeCalendar {
  const file = new URL(`../data/${name}.json`, import.meta.url);
  const { success, data, error } = fileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!success) throw new Error(`data/${name}.json: ${z.prettifyError(error)}`);
  const { holidays, earlyCloses, source: _source, ...hours } = data;
  return { kind: 'sessions', ...hours, holidays: new Set(holidays), earlyCloses: new Map(Object.entries(earlyCloses)) };
}
