import { createHash } from 'node:crypto';

/** The subset of JSON Schema that the platform uses in its questions to language models. */
export interface AnswerSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, AnswerSchema>>;
}

/**
 * Builds an answer to a question to the model. The answer fits the schema, and the same question always gets the same
 * answer. For an enum the answer is the value that the question contains most often, and numbers are derived from a
 * hash of the question. So the answers say nothing about markets.
 */
export function buildFakeAnswer(question: string, schema: AnswerSchema): unknown {
  if (schema.enum) return mostNamed(question, schema.enum);
  if (schema.type === 'number' || schema.type === 'integer') return numberOf(question, schema);
  if (schema.type === 'string')
    return 'This is a fake, not a language model: it picks the word that the question contains most often.';
  const entries = Object.entries(schema.properties ?? {});
  return Object.fromEntries(entries.map(([name, property]) => [name, buildFakeAnswer(question, property)]));
}

function mostNamed(question: string, words: readonly string[]): string | undefined {
  const count = (word: string) => question.split(word).length;
  return words.toSorted((one, other) => count(other) - count(one))[0];
}

function numberOf(question: string, { minimum = 0, maximum = 100 }: AnswerSchema): number {
  const share = createHash('sha256').update(question).digest().readUInt32BE() / 2 ** 32;
  return Math.round(minimum + (maximum - minimum) * (0.5 + share / 2));
}
