/** Checks the numbers, durations and strings of PromQL, as Prometheus' lexer and Go's strconv do. Pure. */

/** Ends messages about syntax that Prometheus 3 takes and Prometheus 2 does not. One such rule would take away all rules of a Prometheus 2. */
export const NEWER = 'which only newer versions of Prometheus take, or only behind a flag';

const units: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];
const duration = new RegExp(`^${units.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`);
/** Prometheus counts durations in nanoseconds, in 63 bits. */
const LONGEST_MS = 2 ** 63 / 1e6;

/** Returns the milliseconds of a duration such as 1h30m; NaN for any other text, and for a duration that is too long. */
function durationMs(text: string): number {
  const found = text === '' ? null : duration.exec(text);
  if (!found) return Number.NaN;
  const total = units.reduce((sum, [, milliseconds], index) => sum + Number(found[index + 1] ?? 0) * milliseconds, 0);
  return total < LONGEST_MS ? total : Number.NaN;
}

/** Returns what is wrong with a number without its sign, or undefined. */
export function checkNumber(text: string): string | undefined {
  if (/^(inf|nan)$/i.test(text)) return undefined;
  if (/^\d+(y|w|d|h|ms|m|s)/.test(text)) return `is a duration, where a number is expected, ${NEWER}`;
  if (text.includes('_')) return `has an underscore, ${NEWER}`;
  if (/^0x/i.test(text)) return BigInt(text) < 2n ** 63n ? undefined : 'is too large for a number';
  return Number.isFinite(Number(text)) ? undefined : 'is too large for a number';
}

/** Returns what is wrong with the text of a range or an offset, without the sign of an offset; undefined if nothing is. */
export function checkDuration(text: string): string | undefined {
  if (/^0x|^[\d._eE+-]*$|^(inf|nan)$/i.test(text)) return `is not a duration such as 5m, ${NEWER}`;
  if (/\W/.test(text)) return `is not a plain duration such as 5m, ${NEWER}`;
  const milliseconds = durationMs(text);
  if (Number.isNaN(milliseconds)) return 'is not a duration such as 5m';
  return milliseconds === 0 ? `is no time, ${NEWER}` : undefined;
}

const escapePattern = /\\(?:([abfnrtv\\"'])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([\s\S]?))/g;
const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '"': '"', "'": "'" },
};

const encoder = new TextEncoder();

/** Thrown for a string that Go's strconv.Unquote would refuse. */
export class BadString extends Error {}

/**
 * Returns the value of a string literal with its quotes. A byte that is no UTF-8 becomes U+FFFD.
 * @throws BadString
 */
export function unquote(literal: string): string {
  const inner = literal.slice(1, -1);
  if (!inner.isWellFormed() || inner.includes('\ufffd')) throw new BadString('has a character that is not valid UTF-8');
  const quote = literal[0];
  if (quote === '`' || !inner.includes('\\')) return inner;
  const bytes: number[] = [];
  let at = 0;
  for (const found of inner.matchAll(escapePattern)) {
    bytes.push(...encoder.encode(inner.slice(at, found.index)), ...decodeEscape(found, quote));
    at = found.index + found[0].length;
  }
  bytes.push(...encoder.encode(inner.slice(at)));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(bytes));
}

function decodeEscape(found: RegExpExecArray, quote: string | undefined): Iterable<number> {
  const [whole, letter, byte, short, long, octal] = found;
  const isOtherQuote = (letter === '"' || letter === "'") && letter !== quote;
  if (letter !== undefined && !isOtherQuote) return encoder.encode(escapes[letter]);
  if (byte !== undefined) return [Number.parseInt(byte, 16)];
  if (octal !== undefined && Number.parseInt(octal, 8) < 256) return [Number.parseInt(octal, 8)];
  const point = Number.parseInt(short ?? long ?? 'none', 16);
  const isPoint = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  if (isPoint) return encoder.encode(String.fromCodePoint(point));
  throw new BadString(`has ${whole}, which Prometheus does not know; write \\\\ for a backslash`);
}
