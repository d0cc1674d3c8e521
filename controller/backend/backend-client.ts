/**
 * The one place that talks to the backend. In: its base URL and the token that it knows. Out: the pipelines that the cluster
 * declares. It never retries, and never puts the token into an error.
 */
import { z } from 'zod';
import {
  DECLARED_PIPELINES_PATH,
  declaredPipelineSchema,
  type PipelineDeclaration,
} from '#catalogue/declared-pipelines.ts';
import type { RegisteredPipelines } from '../reconcile/registration/plan-declarations.ts';

export interface BackendClientOptions {
  /** Base URL; may hold a path. */
  readonly url: string;
  readonly token: string;
  readonly timeoutMs?: number;
}

export interface BackendClient {
  /** All that the cluster declares. */
  read(signal?: AbortSignal): Promise<RegisteredPipelines>;
  declare(pipelineId: string, declaration: PipelineDeclaration, signal?: AbortSignal): Promise<void>;
  /** One that is gone already is no error. */
  withdraw(pipelineId: string, signal?: AbortSignal): Promise<void>;
}

/** The backend has answered, with an error. Any other error of the client says that it has not. */
export class BackendError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'BackendError';
    this.status = status;
  }
}

const TIMEOUT_MS = 10_000;

/** Of the definition only what is compared: a newer backend may know more than this controller. */
const listSchema = z.object({
  items: z.array(declaredPipelineSchema.extend({ declaration: z.custom<PipelineDeclaration>(isObject) })),
});

export function createBackendClient({ url, token, timeoutMs = TIMEOUT_MS }: BackendClientOptions): BackendClient {
  const base = `${url.replace(/\/+$/, '')}${DECLARED_PIPELINES_PATH}`;

  async function ask(method: string, target: string, body?: object, signal?: AbortSignal): Promise<Response> {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(target, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      if (!response.ok)
        throw new BackendError(response.status, describeProblem(response.status, await response.text()));
      return response;
    } catch (error) {
      if (error instanceof BackendError) throw new BackendError(error.status, `${target}: ${error.message}`);
      const why = deadline.aborted ? `no answer within ${timeoutMs / 1_000} s` : describeFailure(error as Error);
      throw new Error(`${target}: ${why}`, { cause: error });
    }
  }

  const targetOf = (pipelineId: string) => `${base}/${encodeURIComponent(pipelineId)}`;
  return {
    async read(signal) {
      const response = await ask('GET', base, undefined, signal);
      const parsed = listSchema.safeParse(await response.json().catch(() => undefined));
      if (!parsed.success) throw new Error(`${base}: this is no answer of the backend`);
      return new Map(parsed.data.items.map(({ pipeline_id, ...registered }) => [pipeline_id, registered]));
    },
    async declare(pipelineId, declaration, signal) {
      await ask('PUT', targetOf(pipelineId), declaration, signal);
    },
    async withdraw(pipelineId, signal) {
      await ask('DELETE', targetOf(pipelineId), undefined, signal).catch((error: unknown) => {
        if (!(error instanceof BackendError && error.status === 404)) throw error;
      });
    },
  };
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === 'object';
}

interface ProblemBody {
  readonly detail?: string;
  readonly remedy?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** In the backend's own words, when it has any. */
function describeProblem(status: number, text: string): string {
  const { detail, remedy, errors } = parseProblem(text);
  if (errors) return errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  if (detail) return [detail, remedy].filter(Boolean).join(' ');
  return `status ${status} ${text.slice(0, 200).trim()}`.trim();
}

function parseProblem(text: string): ProblemBody {
  try {
    return (JSON.parse(text) ?? {}) as ProblemBody;
  } catch {
    return {};
  }
}

/** fetch says only that it failed; its cause says why. */
function describeFailure({ message, cause }: Error): string {
  const { code, message: why } = (cause ?? {}) as NodeJS.ErrnoException;
  return [code, why ?? message].filter(Boolean).join(' ');
}
