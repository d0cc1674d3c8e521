import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AnswerSchema, buildFakeAnswer } from './fake-answer.ts';

/** A FAKE model API: it speaks the protocol of OpenAI's chat completions, but no language model is behind the responses. */

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly json_schema?: { readonly schema?: AnswerSchema } };
}

/** A response that a test prescribes. */
export interface OwnAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Body of the response. A string is sent unchanged, any other value as JSON. */
  readonly body?: unknown;
  readonly delayMs?: number;
}

interface FakeModelApiOptions {
  /** Port to listen on. 0 picks a free port. */
  readonly port: number;
  /** For tests: returns the response to send, or undefined to send the fake's own response. */
  readonly instead?: (request: ChatRequest, headers: IncomingMessage['headers']) => OwnAnswer | undefined;
}

export interface FakeModelApi {
  /** Base URL, a value for MODEL_API_URL. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Approximate number of bytes of a token of English text. */
const BYTES_A_TOKEN = 4;

export async function startFakeModelApi({ port, instead }: FakeModelApiOptions): Promise<FakeModelApi> {
  const server = createServer((request, response) => {
    handle(request, response, instead).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  instead: FakeModelApiOptions['instead'],
): Promise<void> {
  if (request.url === '/healthz') return send(response, { body: 'the fake model API is running' });
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions')
    return send(response, refuse(404, `expected POST /v1/chat/completions, got ${request.method} ${request.url}`));
  const asked = parseRequest(await readBody(request));
  if (!asked) return send(response, refuse(400, 'expected JSON with model and messages'));
  const own = instead?.(asked, request.headers);
  if (own?.delayMs) await sleep(own.delayMs, undefined, { ref: false });
  return send(response, own ?? { body: complete(asked) });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parseRequest(text: string): ChatRequest | undefined {
  try {
    const request = JSON.parse(text) as ChatRequest;
    return typeof request.model === 'string' && request.messages.length > 0 ? request : undefined;
  } catch {
    return undefined;
  }
}

/** Builds the response body for a chat completion, as OpenAI's API reference describes it. */
export function complete({ model, messages, response_format: format }: ChatRequest) {
  const question = messages.map(({ content }) => content).join('\n');
  const content = JSON.stringify(buildFakeAnswer(question, format?.json_schema?.schema ?? { type: 'string' }));
  const tokens = (text: string) => Math.ceil(Buffer.byteLength(text) / BYTES_A_TOKEN);
  const [input, output] = [tokens(question), tokens(content)];
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1_000),
    model,
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop' }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

function refuse(status: number, message: string): OwnAnswer {
  return { status, body: { error: { message, type: 'invalid_request_error', param: null, code: null } } };
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: OwnAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
