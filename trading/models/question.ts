import { z } from 'zod';
import type { AgentName } from '../agents/agents.ts';

/**
 * Agents for which a model can decide. The other agents read data, check limits or place orders, so there is nothing
 * for a model to judge.
 */
export const modelAgents = ['bias', 'strategy'] as const satisfies readonly AgentName[];
export type ModelAgent = (typeof modelAgents)[number];

/** Statuses of a model call. `error`: there was no usable answer, so the agent's rule decided. */
export const callStatuses = ['calling', 'success', 'error'] as const;
export type CallStatus = (typeof callStatuses)[number];
/** Statuses of a call that has ended. Before that, the status is `calling`. */
export const endedCallStatuses = ['success', 'error'] as const satisfies readonly CallStatus[];
export type EndedCallStatus = (typeof endedCallStatuses)[number];

export const tokenKinds = ['input', 'output'] as const;
/** Number of tokens sent to the model (`input`) and received from the model (`output`). */
export type Tokens = Readonly<Record<(typeof tokenKinds)[number], number>>;

/**
 * Whether the rule or a model decided. Stored results of earlier versions do not have this field; then the rule
 * decided.
 */
export const decidedBySchema = z.enum(['rule', 'model']).default('rule');
export type DecidedBy = z.output<typeof decidedBySchema>;
/** The reasoning in a model's answer. Its length is limited because it is stored. */
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
  /**
   * Name of the request field that limits the length of the answer. OpenAI's newer models accept only
   * `max_completion_tokens`, some other APIs only `max_tokens`.
   */
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
 * Parses the content of a completion as the answer to the question.
 * @throws Error that names the wrong fields, or says that the content is not JSON
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
