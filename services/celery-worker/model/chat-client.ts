import { z } from 'zod';
import { parseRetryAfter } from '#base/retry-delay.ts';
import type { Tokens } from '#trading/models/token-cost.ts';
import { ModelFailure } from './model-failure.ts';

export interface ChatClientOptions {
  /** Base URL of the API, without `/chat/completions`. */
  readonly url: string;
  /** Sent as a bearer token; some servers need none. */
  readonly key?: string | undefined;
}

export interface Completion {
  readonly id?: string | undefined;
  /** The model that answered, by the API's own name. */
  readonly model?: string | undefined;
  readonly text: string;
  readonly finishReason: string;
  /** Absent where the API does not count. */
  readonly tokens?: Tokens | undefined;
}

/** Sends one chat-completions request. @throws ModelFailure */
export type Complete = (request: string, signal: AbortSignal) => Promise<Completion>;

const completionSchema = z.object({
  id: z.string().optional(),
  model: z.string().optional(),
  choices: z
    .array(z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }))
    .min(1),
  usage: z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }).nullish(),
});

/** Statuses after which the same request may succeed. */
const PASSING = new Set([408, 409, 429, 500, 502, 503, 504, 529]);

/** A client of any API that speaks OpenAI's chat completions: one request, one answer, no retries of its own. */
export function createChatClient({ url, key }: ChatClientOptions): Complete {
  const endpoint = `${url.replace(/\/+$/, '')}/chat/completions`;
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  return async (body, signal) => {
    const response = await send(endpoint, { method: 'POST', headers, body, signal, redirect: 'error' });
    const text = await response.text().catch((error: unknown) => Promise.reject(describeBreak(error)));
    if (!response.ok) throw describeRefusal(response, text);
    return parseCompletion(text);
  };
}

async function send(endpoint: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(endpoint, init);
  } catch (error) {
    throw neverSent(error as Error)
      ? new ModelFailure('the API cannot be reached', { type: 'unreachable', mayPass: true, cause: error })
      : describeBreak(error);
  }
}

function neverSent({ cause }: { cause?: unknown } = {}): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
    String((cause as { code?: unknown } | undefined)?.code),
  );
}

/** The request was sent and its answer did not come: the model may have worked, for money. */
function describeBreak(cause: unknown): ModelFailure {
  return isTimeout(cause)
    ? new ModelFailure('no answer within MODEL_TIMEOUT_MS', { type: 'timeout', mayBeBilled: true, cause })
    : new ModelFailure('the connection broke', { type: 'connection', mayBeBilled: true, cause });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

function describeRefusal({ status, headers }: Response, text: string): ModelFailure {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now());
  return new ModelFailure(`the API answered ${status}: ${text.slice(0, 300)}`, {
    type: `http_${status}`,
    mayPass: PASSING.has(status),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function parseCompletion(text: string): Completion {
  const parsed = completionSchema.safeParse(parseJson(text));
  const choice = parsed.data?.choices[0];
  if (!parsed.success || !choice)
    throw new ModelFailure('the API answered no completion', { type: 'wrong_answer', mayBeBilled: true });
  const { id, model, usage } = parsed.data;
  return {
    id,
    model,
    text: choice.message.content ?? '',
    finishReason: choice.finish_reason ?? 'unknown',
    tokens: usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
