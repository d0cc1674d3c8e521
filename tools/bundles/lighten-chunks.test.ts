import { describe, expect, it } from 'vitest';
import { keepToAscii, takeBuiltins } from './lighten-chunks.ts';

const taken = (name: string) => `globalThis.process.getBuiltinModule("${name}")`;

describe('takeBuiltins', () => {
  it.each([
    ['import{a as b,c}from"node:http";x()', `const {a:b,c}=${taken('node:http')};x()`],
    ['import { a as b } from "fs";', `const { a:b }=${taken('fs')};`],
    ['import f from"fs";', `const f=${taken('fs')};`],
    ['import*as f from"fs/promises";f.rm()', `const f=${taken('fs/promises')};f.rm()`],
    ['import f,{a}from"fs";', `const f=${taken('fs')};const {a}=${taken('fs')};`],
  ])('%s becomes a call of getBuiltinModule', (code, expected) => {
    expect(takeBuiltins(code)).toBe(expected);
  });

  it.each([
    'import*as f from"fs";f.default()',
    'import{a}from"./other.mjs";',
    'import{a}from"pg-native";',
    'import"fs";',
  ])('%s stays an import', (code) => {
    expect(takeBuiltins(code)).toBe(code);
  });
});

it('keepToAscii returns ASCII code with the same meaning', () => {
  const code = 'JSON.stringify(["→ ü \x85", `…`, /[–]/.test("–"), "🙂"])';
  const light = keepToAscii(code);
  expect(light).toMatch(/^[\0-\x7f]*$/);
  // biome-ignore lint/security/noGlobalEval: the test compares the values to which both strings evaluate
  expect(eval(light)).toBe(eval(code));
});
