import { describe, expect, it } from 'vitest';
import { parseDeclaration } from './emitted.ts';

describe('parseDeclaration', () => {
  it('reads what a generator declares', () => {
    const declaration = { series: [['GOOG', '1d']], types: ['macd'] };
    expect(parseDeclaration(JSON.stringify(declaration))).toEqual(declaration);
  });

  it.each(['', 'null', '{', '[]', '{"series":[["goog x","1d"]],"types":[]}', '{"series":[["GOOG"]],"types":["macd"]}'])(
    'ignores %j, which anybody may write into a header',
    (text) => {
      expect(parseDeclaration(text)).toBeUndefined();
    },
  );
});
