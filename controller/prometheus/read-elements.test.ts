import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ElementSplitter } from './read-elements.ts';

function split(chunks: readonly string[]): { elements: unknown[]; isComplete: boolean } {
  const splitter = new ElementSplitter();
  const elements = chunks.flatMap((chunk) => splitter.push(chunk)).map((element): unknown => JSON.parse(element));
  return { elements, isComplete: splitter.isComplete };
}

/** Returns the text in chunks, cut at the given positions (modulo its length). */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

describe('ElementSplitter', () => {
  it('returns the elements of any document, wherever it is cut', () => {
    const groups = fc.array(fc.dictionary(fc.string(), fc.jsonValue()));
    fc.assert(
      fc.property(groups, fc.array(fc.nat(), { maxLength: 8 }), (given, places) => {
        const elements = JSON.parse(JSON.stringify(given)) as unknown[];
        const text = JSON.stringify({ status: 'success', data: { groups: elements, other: 1 } });
        expect(split(cut(text, places))).toEqual({ elements, isComplete: true });
      }),
    );
  });

  it('ignores quotes and braces inside strings', () => {
    const elements = [{ query: 'up{job="}]"} == "\\\\"' }, { lastError: '\\' }];
    const text = JSON.stringify({ data: { groups: elements } });
    expect(split([...text])).toEqual({ elements, isComplete: true });
  });

  it('reports a document that breaks off as incomplete', () => {
    const text = JSON.stringify({ data: { groups: [{ name: 'a' }, { name: 'b' }] } });
    expect(split([text.slice(0, -5)])).toEqual({ elements: [{ name: 'a' }], isComplete: false });
  });
});
