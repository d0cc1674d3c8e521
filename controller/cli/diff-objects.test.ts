import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildUnifiedDiff } from './diff-objects.ts';

const diff = (before: string, after: string) =>
  buildUnifiedDiff({ label: 'a', text: before }, { label: 'b', text: after });

describe('buildUnifiedDiff', () => {
  it('is empty for equal texts', () => {
    expect(diff('same\n', 'same\n')).toBe('');
    expect(diff('', '')).toBe('');
  });

  it('shows a change with three lines of context', () => {
    const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((line) => `${line}\n`).join('');
    const expected = '--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n';
    expect(diff(before, before.replace('5', 'five'))).toBe(expected);
  });

  it('shows an object that was added, and one that was removed', () => {
    expect(diff('', 'one\ntwo\n')).toBe('--- a\n+++ b\n@@ -0,0 +1,2 @@\n+one\n+two\n');
    expect(diff('one\n', '')).toBe('--- a\n+++ b\n@@ -1,1 +0,0 @@\n-one\n');
  });

  it('produces a patch that turns any string into any other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 40 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applyPatch(before, diff(before, after))).toBe(after);
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});

/** Applies a patch by hand: each line of a hunk must be at the place that the hunk header names. */
function applyPatch(before: string, patch: string): string {
  const source = before.split('\n').slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const line of patch.split('\n').slice(2, -1)) {
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(line);
    if (head) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1);
      while (at < start) result.push(source[at++]!);
      expect(result.length).toBe(Number(head[3]) - (head[4] === '0' ? 0 : 1));
    } else if (line[0] === '+') result.push(line.slice(1));
    else {
      expect(source[at]).toBe(line.slice(1));
      if (line[0] === ' ') result.push(line.slice(1));
      at++;
    }
  }
  return [...result, ...source.slice(at)].map((line) => `${line}\n`).join('');
}
