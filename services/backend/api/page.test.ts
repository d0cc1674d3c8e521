import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildCursor, pageQueryShape, parseCursor, parseSince } from './page.ts';

describe('cursor', () => {
  const position = { time: '2026-01-31T12:00:00.123456Z', id: 'a:b-c' };

  it('decodes to the position that it was built from, to the microsecond, and needs no escaping in a URL', () => {
    expect(parseCursor(buildCursor(position))).toEqual(position);
    expect(buildCursor({ ...position, id: 'ÿ?/+' })).toMatch(/^[\w-]+$/);
  });

  it('of version 0.1 is still read', () => {
    const old = Buffer.from(JSON.stringify([position.time, position.id])).toString('base64url');
    expect(parseCursor(old)).toEqual(position);
  });

  it('decodes to a position that Postgres can read, whatever its characters are', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(-[0-9]{1,16}|[0-9]{1,17})_[A-Za-z0-9_-]{1,700}$/), (cursor) => {
        const { time, id } = parseCursor(cursor) ?? { time: '', id: '\0' };
        return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(time) && !id.includes('\0');
      }),
    );
  });

  it.each(['1969-12-31T23:59:59.999999Z', '1970-01-01T00:00:00.000000Z', '5138-11-16T09:46:39.999999Z'])(
    'keeps the time %s',
    (time) => expect(parseCursor(buildCursor({ time, id: 'a' }))).toEqual({ time, id: 'a' }),
  );

  it.each([
    '',
    'abc',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["2026-01-31T12:00:00Z","a"]').toString('base64url'),
    Buffer.from('["2026-02-30T00:00:00.000000Z","a"]').toString('base64url'),
    Buffer.from('["2025-02-29T00:00:00.000000Z","a"]').toString('base64url'),
    Buffer.from('["2026-01-31T24:00:00.000000Z","a"]').toString('base64url'),
    Buffer.from('["0000-01-31T00:00:00.000000Z","a"]').toString('base64url'),
    Buffer.from('["2026-99-31T12:00:00.123456Z","a"]').toString('base64url'),
    buildCursor({ ...position, id: '' }),
    '123456789012345678_YQ',
    '1_a b',
    '1.5_YQ',
  ])('refuses %j', (cursor) => {
    expect(parseCursor(cursor)).toBeUndefined();
  });
});

describe('limit', () => {
  it.each(['1', '500', '007'])('accepts %s', (text) => {
    expect(pageQueryShape.limit.parse(text)).toBe(Number(text));
  });

  it.each(['0', '501', '0x10', '1e2', ' 5', '5.0', '+5', '', '-1', '٣', ['1', '2']])('refuses %j', (text) => {
    expect(pageQueryShape.limit.safeParse(text).success).toBe(false);
  });
});

describe('parseSince', () => {
  it.each([
    ['2026-01-31T01:00:00+01:00', '2026-01-31T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999-23:59', '9999-12-31T23:59:59.999Z'],
    ['0000-01-01T00:00:00+23:59', '0001-01-01T00:00:00.000Z'],
  ])('reads %s as %s', (text, time) => {
    expect(parseSince(text).toISOString()).toBe(time);
  });
});
