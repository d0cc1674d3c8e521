/**
 * The only code that sends requests to the backend. It reads, declares and withdraws the pipelines that TradingPipelines
 * declare. It never retries, and no error message contains the token.
 */
import { z } from 'zod';
import { type HttpAnswer, HttpClient, HttpError } from '#base/http-client.ts';
import {
  DECLARED_PIPELINES_PATH,
  declaredPipelineSchema,
  EMITTED_PATH,
  type PipelineDeclaration,
} from '#catalogue/declared-pipelines.ts';
import { type Emitted, emittedSchema } from '#trading/signals/emitted.ts';
import type { RegisteredPipelines } from '../reconcile/registration/registration.ts';

interface BackendClientOptions {
  /** Base URL of the backend. It may contain a path. */
  readonly url: string;
  readonly token: string;
  readonly timeoutMs?: number;
}

export interface BackendClient {
  /** Returns all pipelines that have been declared to the backend. */
  read(signal?: AbortSignal): Promise<RegisteredPipelines>;
  /** Returns what the platform emits; undefined if the backend is of a version that does not say so. */
  readEmitted(signal?: AbortSignal): Promise<Emitted | undefined>;
  declare(pipelineId: string, declaration: PipelineDeclaration, signal?: AbortSignal): Promise<void>;
  /** Removes a declared pipeline from the backend. Does nothing if the backend does not have the pipeline. */
  withdraw(pipelineId: string, signal?: AbortSignal): Promise<void>;
}

/**
 * The backend responded with an error status. If there is no valid response, the client throws a plain Error instead.
 */
export class BackendError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'BackendError';
    this.status = status;
  }
}

const TIMEOUT_MS = 10_000;

/**
 * Accepts any object as a declaration, because a newer backend may return fields that this controller does not know.
 * The controller only compares declarations.
 */
const listSchema = z.object({
  items: z.array(declaredPipelineSchema.extend({ declaration: z.custom<PipelineDeclaration>(isObject) })),
});

export function createBackendClient({ url, token, timeoutMs = TIMEOUT_MS }: BackendClientOptions): BackendClient {
  const http = new HttpClient(url, { headers: { authorization: `Bearer ${token}` }, timeoutMs });

  /** @throws BackendError if the backend responds with an error status; Error if the backend does not respond */
  async function ask(method: string, path: string, body?: object, abort?: AbortSignal): Promise<string> {
    const target = `${http.address}${path}`;
    const content = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    try {
      return await http.exchange(path, { method, ...content, abort }, (answer) => readBody(answer, target));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      throw new Error(`${target}: ${error.reason}`, { cause: error });
    }
  }

  const pathOf = (pipelineId: string) => `${DECLARED_PIPELINES_PATH}/${encodeURIComponent(pipelineId)}`;
  return {
    async read(abort) {
      const parsed = listSchema.safeParse(parseJson(await ask('GET', DECLARED_PIPELINES_PATH, undefined, abort)));
      if (!parsed.success)
        throw new Error(
          `${http.address}${DECLARED_PIPELINES_PATH}: expected a list of declared pipelines, got something else: check PIPELINES_API_URL`,
        );
      return new Map(parsed.data.items.map(({ pipeline_id, ...registered }) => [pipeline_id, registered]));
    },
    async readEmitted(abort) {
      const text = await ask('GET', EMITTED_PATH, undefined, abort).catch(noAnswerIfMissing);
      return text === undefined ? undefined : emittedSchema.safeParse(parseJson(text)).data;
    },
    async declare(pipelineId, declaration, abort) {
      await ask('PUT', pathOf(pipelineId), declaration, abort);
    },
    async withdraw(pipelineId, abort) {
      await ask('DELETE', pathOf(pipelineId), undefined, abort).catch(noAnswerIfMissing);
    },
  };
}

/** @throws any error but 404 */
function noAnswerIfMissing(error: unknown): undefined {
  if (!(error instanceof BackendError && error.status === 404)) throw error;
}

async function readBody(answer: HttpAnswer, target: string): Promise<string> {
  const text = await answer.text();
  if (answer.status >= 200 && answer.status < 300) return text;
  throw new BackendError(answer.status, `${target}: ${describeProblem(answer.status, text)}`);
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}

interface ProblemBody {
  readonly detail?: string;
  readonly remedy?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Returns the backend's own error message if the body contains one, otherwise the status and the beginning of the body. */
function describeProblem(status: number, text: string): string {
  const { detail, remedy, errors } = parseProblem(text);
  if (errors) return errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  if (detail) return [detail, remedy].filter(Boolean).join(' ');
  return `status ${status} ${text.slice(0, 200).trim()}`.trim();
}

function parseProblem(text: string): ProblemBody {
  return (parseJson(text) ?? {}) as ProblemBody;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
