import { z } from 'zod';
import type { AgentName } from '../agents/agents.ts';

/** Agents that a model can drive. The others read data, check limits or place orders, and need no opinion. */
export const modelAgents = ['bias', 'strategy'] as const satisfies readonly AgentName[];
export type ModelAgent = (typeof modelAgents)[number];

/** Statuses of a model call. `error`: no usable answer; the agent's rule decided. */
export const callStatuses = ['calling', 'success', 'error'] as const;
export type CallStatus = (typeof callStatuses)[number];
/** A call stays `calling` until its end is stored. */
export const endedCallStatuses = ['success', 'error'] as const satisfies readonly CallStatus[];
export type EndedCallStatus = (typeof endedCallStatuses)[number];

export const tokenKinds = ['input', 'output'] as const;
/** Counts of tokens: sent to the model, and answered by it. */
export type Tokens = Readonly<Record<(typeof tokenKinds)[number], number>>;

/** Who decided in a stage that a model can drive. Results from before there were models have no such field: the rule's. */
export const decidedBySchema = z.enum(['rule', 'model']).default('rule');
export type DecidedBy = z.output<typeof decidedBySchema>;
/** The reasoning that a model may give; the length is limited because it is stored. */
export const modelReasoningSchema = z.string().min(1).max(1_000);

/** A question of an agent to a model. Facts are about the market and the strategy, never about the person who trades. */
export interface Question<Answer> {
  readonly agent: ModelAgent;
  readonly instructions: string;
  readonly facts: object;
  readonly answer: z.ZodType<Answer>;
}

export interface ChatSettings {
  readonly model: string;
  readonly maxOutputTokens: number;
  /** The API's field for the limit of an answer: OpenAI's newer models accept only the first, some others only the second. */
  readonly limitField: 'max_completion_tokens' | 'max_tokens';
}

/** Builds the body of a chat-completions request: one question, and the JSON schema of its answer. */
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
 * Parses the answer in the text of a completion.
 * @throws Error that names the fields that are wrong
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
