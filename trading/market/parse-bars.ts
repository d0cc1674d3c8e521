import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { SourceBar } from './bar.ts';

const price = z.coerce.number().positive();
const rowSchema = z
  .object({
    time: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/, 'expected YYYY-MM-DD or YYYY-MM-DD HH:MM:SS')
      .transform((text) => Date.parse(`${text.length === 10 ? `${text} 00:00:00` : text}Z`.replace(' ', 'T')))
      .refine(Number.isFinite, 'expected a date of the calendar'),
    Open: price,
    High: price,
    Low: price,
    Close: price,
    Volume: z.string().min(1).transform(Number).pipe(z.number().nonnegative()),
  })
  .refine(({ Open, High, Close }) => High >= Math.max(Open, Close), {
    path: ['High'],
    message: 'is below the open or the close',
  })
  .refine(({ Open, Low, Close }) => Low <= Math.min(Open, Close), {
    path: ['Low'],
    message: 'is above the open or the close',
  });

interface ParsedRow {
  record: Record<string, string>;
  info: { lines: number };
}

/**
 * Parses a CSV file of bars: a header `,Open,High,Low,Close,Volume`, whose nameless first column is the open time, then
 * one bar per line, oldest first.
 * @param file name of the file, for error messages
 * @throws Error that names the file, and the line and column of the first invalid bar
 */
export function parseBars(text: string, file: string): SourceBar[] {
  const bars: SourceBar[] = [];
  for (const { record, info } of parseRows(text, file)) {
    const bar = parseRow(record, `${file}:${info.lines}`);
    const previous = bars.at(-1);
    if (previous && bar.time <= previous.time)
      throw new Error(`${file}:${info.lines}: time: is not after the bar before it`);
    bars.push(bar);
  }
  if (bars.length === 0) throw new Error(`${file}: expected at least one bar, got none`);
  return bars;
}

function parseRows(text: string, file: string): ParsedRow[] {
  try {
    const columns = (header: string[]) => header.map((name) => name || 'time');
    return parse(text, { columns, info: true, bom: true, skip_empty_lines: true }) as unknown as ParsedRow[];
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function parseRow(record: Record<string, string>, place: string): SourceBar {
  const { data, error } = rowSchema.safeParse(record);
  if (!data) {
    const [issue] = error.issues;
    throw new Error(`${place}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return { time: data.time, open: data.Open, high: data.High, low: data.Low, close: data.Close, volume: data.Volume };
}
