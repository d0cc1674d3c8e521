import { describe, expect, it } from 'vitest';
import { visibleText } from './visible-text.ts';

const pattern = visibleText(5, String.raw`\s.`);

describe('visibleText', () => {
  it.each(['a', 'a b.', 'Größe', '日本', '❤\ufe0f', '😀😀😀😀😀'])('accepts %j', (text) => {
    expect(pattern.test(text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['too long', 'aaaaaa'],
    ['a space first', ' a'],
    ['a dot first', '.a'],
    ['NUL', 'a\0'],
    ['a line feed at the end', 'a\n'],
    ['DEL', 'a\u007f'],
    ['a soft hyphen', 'a\u00ad'],
    ['a zero-width space', 'a\u200bb'],
    ['a zero-width joiner', 'a\u200db'],
    ['right-to-left override', 'a\u202eb'],
    ['an isolate', 'a\u2066b'],
    ['a word joiner', 'a\u2060'],
    ['a byte order mark', 'a\ufeff'],
    ['half of a surrogate pair', 'a\ud800'],
    ['the other half first', '\udc00a'],
    ['a tag', `a${String.fromCodePoint(0xe0041)}`],
    ['a filler', 'a\u3164'],
    ['a noncharacter', 'a\uffff'],
  ])('refuses %s', (_, text) => {
    expect(pattern.test(text)).toBe(false);
  });

  it('uses only escapes that regular expressions of other languages know', () => {
    expect(pattern.source).not.toMatch(/\\[^u s]|\\u\{/i);
  });
});
