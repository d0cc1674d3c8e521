import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildParserFile } from '@lezer/generator';
import type { GeneratedFile } from './generated-file.ts';

/**
 * The parser of PromQL, built from the grammar in the package @prometheus-io/lezer-promql. That grammar is made for editors; the
 * corrections below make it parse as Prometheus' own parser does (promql/parser/generated_parser.y).
 */
export const promqlParserFile: GeneratedFile = { path: 'base/promql/promql-parser.gen.ts', build: buildPromqlParser };

const folder = path.resolve(import.meta.dirname, '../node_modules/@prometheus-io/lezer-promql/src');

type Correction = readonly [from: string, to: string];

/** What offset, @ and [ follow: in Prometheus the last operand, in the package everything before them. */
const postfixes = [
  'Offset OffsetDurationExpr',
  '"[" DurationExpr "]"',
  '"[" DurationExpr ":"',
  'At (',
  'Anchored\n',
  'Smoothed\n',
].map((rest): Correction => [`  expr ${rest}`, `  expr !postfix ${rest}`]);

const grammarCorrections: readonly Correction[] = [
  ['@precedence {\n  group,', '@precedence {\n  group,\n  postfix @left,'],
  ...postfixes,
  // A number may end with its point: `5.`
  ['("." std.digit+ (("_")? std.digit)*)? |', '("." (std.digit+ (("_")? std.digit)*)?)? |'],
  ['whitespace { std.whitespace+ }', 'whitespace { $[ \\t\\n\\r]+ }'],
  ['LineComment { "#" ![\\n]* }', 'LineComment { "#" ![\\n\\r]* }'],
  // Only editors colour.
  ['@external propSource promQLHighLight from "./highlight"', ''],
];

const tokenCorrections: readonly Correction[] = [
  // A metric may have the name `offset`.
  [
    'return keywordTokens[value.toLowerCase()] || -1;',
    'const token = keywordTokens[value.toLowerCase()] || -1;\n  return token === Offset && !stack.canShift(Offset) ? -1 : token;',
  ],
  ['} from "./parser.terms.js";', '} = terms;'],
  ['import {\n', 'const {\n'],
];

function buildPromqlParser(): string {
  const grammar = correct('promql.grammar', grammarCorrections);
  const { parser, terms } = buildParserFile(grammar, { fileName: 'promql.grammar', moduleStyle: 'es', warn: () => {} });
  const tokens = correct('tokens.js', tokenCorrections);
  const named = [...terms.matchAll(/^\s*(\w+) = (\d+)/gm)].map(([, name, number]) => `  ${name}: ${number},`);
  return [
    '// @ts-nocheck',
    '// Generated from the grammar of @prometheus-io/lezer-promql by tools/promql-parser-file.ts: run `make generate`.',
    '// The grammar: Copyright The Prometheus Authors, Apache License 2.0 (http://www.apache.org/licenses/LICENSE-2.0); changed.',
    "import { LRParser } from '@lezer/lr';",
    `\nconst terms = {\n${named.join('\n')}\n};\n`,
    tokens.replaceAll('export const', 'const').slice(tokens.indexOf('const {')),
    parser.slice(parser.indexOf('const spec_')),
  ].join('\n');
}

/** Returns a file of the package with each correction made. @throws Error if the package no longer has a corrected text once */
function correct(file: string, corrections: readonly Correction[]): string {
  const text = readFileSync(path.join(folder, file), 'utf8');
  return corrections.reduce((before, [from, to]) => {
    const parts = before.split(from);
    if (parts.length !== 2)
      throw new Error(`${file}: expected ${JSON.stringify(from)} once, got it ${parts.length - 1} times`);
    return parts.join(to);
  }, text);
}
