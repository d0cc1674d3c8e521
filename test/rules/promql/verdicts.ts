/** The corpus of PromQL, and what the parser of Prometheus says of each of its expressions. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NEWER } from '#base/promql/check-literal.ts';
import type { Promtool } from '../promtool.ts';
import { PromqlWriter } from './write-promql.ts';

const SEED = 20_261_201;
const SIZE = 12_000;
export const verdictsFile = join(import.meta.dirname, 'verdicts.json');

interface Verdicts {
  /** Version of the Prometheus whose parser was asked. */
  readonly prometheus: string;
  /** Hash of the corpus. If the writer changes, the verdicts must be recorded again: node test/rules/promql/record-verdicts.ts */
  readonly sha256: string;
  /** For each expression of the corpus, in order, 1 if Prometheus parses it and 0 if not. */
  readonly parsed: string;
}

export function writeCorpus(): string[] {
  const writer = new PromqlWriter(SEED);
  return Array.from({ length: SIZE }, () => writer.write()).filter((expr) => expr.trim() !== '' && expr.length < 300);
}

export function hashCorpus(corpus: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(corpus)).digest('hex');
}

export function readVerdicts(): Verdicts {
  return JSON.parse(readFileSync(verdictsFile, 'utf8')) as Verdicts;
}

/** Returns, for each expression, whether promtool parses it. All expressions are rules of one file. */
export async function askPromtool(promtool: Promtool, corpus: readonly string[]): Promise<boolean[]> {
  const rules = corpus.map((expr) => ({ alert: 'A', expr }));
  const { output } = await promtool.run(['check', 'rules', '--lint=none', 'rules.yaml'], {
    'rules.yaml': { groups: [{ name: 'g', rules }] },
  });
  const wrong = new Set([...output.matchAll(/group "g", rule (\d+), "A": /g)].map(([, rule]) => Number(rule)));
  return corpus.map((_expr, index) => !wrong.has(index + 1));
}

/**
 * Why our check refuses an expression that Prometheus parses, by the words of the message.
 *
 * - Prometheus parses ranges and strings, and fails each time it evaluates them.
 * - One rule with newer syntax takes all rules away from a Prometheus 2.
 * - Bounds keep one expression from holding up the operator for all others.
 */
export const intended: readonly RegExp[] = [
  /^is a (range of samples|string)/,
  new RegExp(NEWER),
  /more than 5000 states/,
  /nests more than/,
  // Bytes that are no text. Prometheus compares them, and no scraped label can contain them.
  /is not valid UTF-8/,
];
