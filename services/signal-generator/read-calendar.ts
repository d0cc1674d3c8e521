import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Logger } from '#kit/log.ts';
import type { ExchangeCalendar, MarketCalendar } from '#trading/market/market-hours.ts';

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

/** Google trades at NASDAQ, whose days and hours are those of the New York Stock Exchange. */
const calendars: Readonly<Record<string, () => MarketCalendar>> = {
  BTCUSD: () => ({ kind: 'always' }),
  // From the opening of Sydney to the close of New York: 17:00 there is the day's end by convention.
  EURUSD: () => ({
    kind: 'week',
    timeZone: 'America/New_York',
    opens: { day: 0, time: '17:00' },
    closes: { day: 5, time: '17:00' },
  }),
  GOOG: () => readExchange('XNYS'),
};

/** The calendar of a symbol's market; a symbol without one is always open, so that its silence is noticed. */
export function readCalendar(symbol: string, now: Date, log: Logger): MarketCalendar {
  const calendar = calendars[symbol]?.() ?? { kind: 'always' };
  if (calendar.kind === 'sessions' && now.toISOString().slice(0, 10) > calendar.to)
    log.warn({ symbol, known_to: calendar.to }, 'holidays of the exchange are not known, every working day counts');
  return calendar;
}

/** @throws Error that names the file and the field that is wrong */
export function readExchange(name: string): ExchangeCalendar {
  const file = new URL(`data/${name}.json`, import.meta.url);
  const { success, data, error } = fileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!success) throw new Error(`data/${name}.json: ${z.prettifyError(error)}`);
  const { holidays, earlyCloses, source: _source, ...hours } = data;
  return { kind: 'sessions', ...hours, holidays: new Set(holidays), earlyCloses: new Map(Object.entries(earlyCloses)) };
}
