/**
 * Characters that people cannot see, or that change how the text around them is shown: control characters, soft hyphen,
 * fillers, zero-width and bidirectional characters, separators of lines, halves of surrogate pairs, tags. The ranges are
 * written out, because many generators of tests and other languages know no `\p{…}`.
 */
const invisible = [
  String.raw`\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f`,
  String.raw`\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\uffff`,
  // These characters stand as themselves: other languages write an escape of more than four digits in another way.
  `${String.fromCodePoint(0xe0000)}-${String.fromCodePoint(0xe0fff)}`,
].join('');

/**
 * Returns a pattern for a text of 1 to `max` visible characters. It counts code points, as `maxLength` of JSON Schema
 * does, whereas the limit of a zod string counts UTF-16 code units.
 * @param notFirst characters that must not come first, written as in a character class
 */
export function visibleText(max: number, notFirst: string): RegExp {
  return new RegExp(`^[^${invisible}${notFirst}][^${invisible}]{0,${max - 1}}$`, 'u');
}
