import { describe, expect, it } from 'vitest';
import { buildCursor, parseCursor } from './page.ts';

describe('cursor', () => {
  const position = { time: '2026-01-31T12:00:00.123456Z', id: 'a:b-c' };

  it('decodes to the position that it was built from, to the microsecond, and needs no escaping in a URL', () => {
    expect(parseCursor(buildCursor(position))).toEqual(position);
    expect(buildCursor({ ...position, id: 'ÿ?/+' })).toMatch(/^[\w-]+$/);
  });

  it.each([
    '',
    'abc',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["2026-01-31T12:00:00Z","a"]').toString('base64url'),
    Buffer.from('["2026-99-31T12:00:00.123456Z","a"]').toString('base64url'),
    buildCursor({ ...position, id: '' }),
    buildCursor({ ...position, id: 'a\0b' }),
  ])('refuses %j', (cursor) => {
    expect(parseCursor(cursor)).toBeUndefined();
  });
});
