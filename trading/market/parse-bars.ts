import { CsvError, parse } from 'csv-parse/sync';
import { parseCalendarTime } from '#base/calendar-time.ts';
import type { SourceBar } from './bar.ts';

/** The columns of a file of bars. The header leaves out the name of the first one. */
const columns = ['time', 'Open', 'High', 'Low', 'Close', 'Volume'] as const;
type Column = (typeof columns)[number];
const HEADER = ',Open,High,Low,Close,Volume';

/** The cells of a line, and the place of the line for messages. */
interface Row {
  readonly cells: readonly string[];
  /** File and line: `GOOG-1d.csv:2`. */
  readonly place: string;
}

/**
 * Parses a CSV file of bars: a header `,Open,High,Low,Close,Volume`, whose nameless first column is the open time, then
 * one bar per line, oldest first.
 * @param file name of the file, for error messages
 * @throws Error `file:line: column: expected X, got Y` about the first mistake
 */
export function parseBars(text: string, file: string): SourceBar[] {
  const [header, ...rows] = readRows(text, file);
  if (!header) throw new Error(`${file}: expected the header ${HEADER} and at least one bar, got an empty file`);
  checkHeader(header);
  if (rows.length === 0) throw new Error(`${file}: expected at least one bar after the header, got none`);
  const bars = rows.map(parseRow);
  for (const [index, { time }] of bars.entries()) {
    const before = bars[index - 1]?.time ?? Number.NEGATIVE_INFINITY;
    if (time <= before) fail(rows[index], 'time', `a time after the bar before it, ${formatTime(before)}`);
  }
  return bars;
}

function readRows(text: string, file: string): Row[] {
  try {
    const lenient = { bom: true, skip_empty_lines: true, relax_column_count: true } as const;
    // Without this list, csv-parse takes the end of the first line for that of all lines.
    const options = { ...lenient, info: true as const, record_delimiter: ['\r\n', '\n', '\r'] };
    const parsed = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[];
    return parsed.map(({ record, info }) => ({ cells: record, place: `${file}:${info.lines}` }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Error(`${file}:${Number(error.lines)}: expected comma-separated values: ${error.message}`, {
      cause: error,
    });
  }
}

function checkHeader({ cells, place }: Row): void {
  const [first = '', ...names] = cells;
  if ((first === '' || first === 'time') && names.join() === columns.slice(1).join()) return;
  throw new Error(`${place}: expected the header ${HEADER}, got ${cells.join()}`);
}

function parseRow(row: Row): SourceBar {
  if (row.cells.length !== columns.length)
    throw new Error(`${row.place}: expected ${columns.length} columns (${columns.join()}), got ${row.cells.length}`);
  const [open, high, low, close] = (['Open', 'High', 'Low', 'Close'] as const).map((column) => parsePrice(row, column));
  const bar = { time: parseTime(row), open, high, low, close, volume: parseNumber(row, 'Volume') } as SourceBar;
  const highest = Math.max(bar.open, bar.close);
  if (bar.high < highest) fail(row, 'High', `at least ${highest}, the higher of open and close`);
  const lowest = Math.min(bar.open, bar.close);
  if (bar.low > lowest) fail(row, 'Low', `at most ${lowest}, the lower of open and close`);
  return bar;
}

function parseTime(row: Row): number {
  const text = cellOf(row, 'time');
  if (!/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/.test(text)) return fail(row, 'time', 'YYYY-MM-DD or YYYY-MM-DD HH:MM:SS');
  return parseCalendarTime(text.replace(' ', 'T')) ?? fail(row, 'time', 'a date and time that exist');
}

function parsePrice(row: Row, column: Column): number {
  const price = parseNumber(row, column);
  return price > 0 ? price : fail(row, column, 'a price above 0');
}

/** Number() alone would take a blank for 0, and 0x10 for 16. */
function parseNumber(row: Row, column: Column): number {
  const text = cellOf(row, column);
  const value = /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : fail(row, column, 'a number of 0 or more, such as 1234.5');
}

function cellOf({ cells }: Row, column: Column): string {
  return cells[columns.indexOf(column)] ?? '';
}

function fail(row: Row | undefined, column: Column, expected: string): never {
  throw new Error(`${row?.place}: ${column}: expected ${expected}, got ${JSON.stringify(row && cellOf(row, column))}`);
}

function formatTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
