import { createHash } from 'node:crypto';

/** The little of JSON Schema that our questions use. */
export interface AnswerSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, AnswerSchema>>;
}

/**
 * An answer that fits the schema, always the same for the same question. It knows nothing of markets: of several words it
 * takes the one that the question names most often, and numbers come from a hash.
 */
export function buildFakeAnswer(question: string, schema: AnswerSchema): unknown {
  if (schema.enum) return mostNamed(question, schema.enum);
  if (schema.type === 'number' || schema.type === 'integer') return numberOf(question, schema);
  if (schema.type === 'string')
    return 'This is a fake, not a language model: it repeats what the question says most often.';
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
