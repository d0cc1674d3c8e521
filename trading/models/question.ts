import { z } from 'zod';
import type { AgentName } from '../agents/agents.ts';

/** Agents that a model can drive. The others read data, hold limits or order: no place for an opinion. */
export const modelAgents = ['bias', 'strategy'] as const satisfies readonly AgentName[];
export type ModelAgent = (typeof modelAgents)[number];

/** What an agent asks a model. Facts are of the market and of the strategy: nothing about who trades. */
export interface Question<Answer> {
  readonly agent: ModelAgent;
  readonly instructions: string;
  readonly facts: object;
  readonly answer: z.ZodType<Answer>;
}

export interface ChatSettings {
  readonly model: string;
  readonly maxOutputTokens: number;
  /** How the API calls the limit of an answer: OpenAI's newer models take only the first, some others only the second. */
  readonly limitField: 'max_completion_tokens' | 'max_tokens';
}

/** The body of a chat-completions request: one question, and the JSON schema of its answer. */
export function buildChatRequest<Answer>(question: Question<Answer>, settings: ChatSettings): string {
  const { $schema, ...schema } = z.toJSONSchema(question.answer);
  return JSON.stringify({
    model: settings.model,
    messages: [
      { role: 'system', content: `${question.instructions} Answer with one JSON object and nothing else.` },
      { role: 'user', content: JSON.stringify(question.facts) },
    ],
    response_format: { type: 'json_schema', json_schema: { name: question.agent, strict: true, schema } },
    [settings.limitField]: settings.maxOutputTokens,
  });
}

/**
 * Reads the answer out of the text of a completion.
 * @throws Error that says what is wrong with it
 */
export function parseAnswer<Answer>(question: Question<Answer>, text: string): Answer {
  const result = question.answer.safeParse(parseJson(text));
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
}
