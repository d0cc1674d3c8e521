import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { backoffDelay, parseRetryAfter } from '#base/retry-delay.ts';
import type { Tokens } from '#trading/models/question.ts';

interface ModelFailureOptions {
  /**
   * Value of the span attribute `error.type`: `timeout`, `unreachable`, `connection`, `wrong_answer`, or the HTTP
   * status, such as `http_429`.
   */
  readonly type: string;
  /** True if the same request may succeed later. */
  readonly mayPass?: boolean;
  /** True if the provider may bill the call although its cost is unknown. */
  readonly mayBeBilled?: boolean;
  /** The wait that the API asks for in the header `retry-after`; absent if the API asks for none. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Thrown if a model returned no usable answer. The agent's rule then decides. */
export class ModelFailure extends Error {
  readonly type: string;
  readonly mayPass: boolean;
  readonly mayBeBilled: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ModelFailureOptions) {
    super(message, { cause: options.cause });
    this.name = 'ModelFailure';
    this.type = options.type;
    this.mayPass = options.mayPass ?? false;
    this.mayBeBilled = options.mayBeBilled ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

interface ChatClientOptions {
  /** Base URL of the API, without `/chat/completions`. */
  readonly url: string;
  /** The API key, sent as a bearer token; absent for servers that need none. */
  readonly key?: string | undefined;
}

export interface Completion {
  readonly id?: string | undefined;
  /** Name of the model that produced the completion, as in the response. */
  readonly model?: string | undefined;
  readonly text: string;
  readonly finishReason: string;
  /** Token counts; absent if the API does not report them. */
  readonly tokens?: Tokens | undefined;
}

/** Sends one chat-completions request. @throws ModelFailure */
type Complete = (request: string, abort: AbortSignal) => Promise<Completion>;

const completionSchema = z.object({
  id: z.string().optional(),
  model: z.string().optional(),
  choices: z
    .array(z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }))
    .min(1),
  usage: z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }).nullish(),
});

/** HTTP statuses after which the same request may succeed later. */
const PASSING = new Set([408, 409, 429, 500, 502, 503, 504, 529]);

/** Creates a client of an API that speaks OpenAI's chat completions. It sends each request once. */
export function createChatClient({ url, key }: ChatClientOptions): Complete {
  const endpoint = `${url.replace(/\/+$/, '')}/chat/completions`;
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  return async (body, abort) => {
    const response = await send(endpoint, { method: 'POST', headers, body, signal: abort, redirect: 'error' });
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

/**
 * Builds the failure of a request that was sent but got no response. The model may have processed the request, and the
 * provider may bill it.
 */
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

interface RetryOptions {
  readonly complete: Complete;
  /** Time limit for all attempts together, including the pauses between them. */
  readonly timeoutMs: number;
  /** Called after each failed attempt. */
  readonly onFailedTry: (failure: ModelFailure) => void;
}

const MAX_TRIES = 3;
const PAUSE = { baseMs: 250, maxMs: 2_000 };

/**
 * Sends a request until there is a response. After a temporary failure it waits as long as the API asks, or else with
 * exponential backoff, and tries again. It makes at most MAX_TRIES attempts and stops at the timeout.
 * @throws ModelFailure of the last attempt
 */
export async function completeWithRetries(request: string, options: RetryOptions): Promise<Completion> {
  const { complete, timeoutMs, onFailedTry } = options;
  const deadline = performance.now() + timeoutMs;
  const abort = AbortSignal.timeout(timeoutMs);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await complete(request, abort);
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      onFailedTry(error);
      const pauseMs = error.retryAfterMs ?? backoffDelay(attempt - 1, PAUSE, Math.random);
      if (!error.mayPass || attempt === MAX_TRIES || performance.now() + pauseMs >= deadline) throw error;
      await sleep(pauseMs);
    }
  }
}
