import type { Logger } from '#kit/log.ts';
import { isMarketOpen } from '#trading/market/market-hours.ts';
import type { GeneratorConfig } from './config.ts';
import { readCalendar } from './read-calendar.ts';

/** Whether the market of a symbol is open now, by the hours that the configuration asks for. */
export function followHours(
  hours: GeneratorConfig['MARKET_HOURS'],
  symbols: readonly string[],
  log: Logger,
  clock: () => Date = () => new Date(),
): (symbol: string) => boolean {
  if (hours === 'replay') return () => true;
  const calendars = new Map(symbols.map((symbol) => [symbol, readCalendar(symbol, clock(), log)]));
  return (symbol) => {
    const calendar = calendars.get(symbol);
    return calendar === undefined || isMarketOpen(calendar, clock());
  };
}
