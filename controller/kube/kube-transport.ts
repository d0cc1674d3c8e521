/**
 * Sends HTTP requests to an API server, and returns the response or throws a KubeError. All requests share one
 * keep-alive agent of our own, because requests through the client library cost ten times the CPU (decision 0005). A
 * request is never sent again, except if it was sent on a keep-alive connection that the server had already closed.
 */
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent, Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { parseRetryAfter } from '#base/retry-delay.ts';
import type { Credentials, KubeConnection } from './kube-connection.ts';
import { KubeError } from './kube-error.ts';

export type Verb = 'get' | 'list' | 'watch' | 'apply' | 'create' | 'update' | 'patch' | 'delete';

export interface RequestRecord {
  readonly verb: Verb;
  /** Path of the URL, without the query. */
  readonly path: string;
  /** HTTP status; 0 if there was no response. */
  readonly code: number;
  /** True if the request can only create an object. Then a response with status 409 means that the name is taken. */
  readonly mustBeNew: boolean;
  readonly seconds: number;
}

export interface KubeTransportOptions {
  readonly connection: KubeConnection;
  /** Value of the header User-Agent. */
  readonly userAgent: string;
  /**
   * Longest time from the start of a request to the last byte of its response. Default 30 s. A watch has its own
   * time-out.
   */
  readonly requestTimeoutMs?: number;
  /** Called before every write. While it returns false, writes fail without being sent. */
  readonly mayWrite?: () => boolean;
  /**
   * Called once for each request, when the status of the response is known or the request has failed without a
   * response.
   */
  readonly onRequest?: (record: RequestRecord) => void;
}

export interface Call {
  readonly verb: Verb;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Record<string, string | undefined>;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly mustBeNew?: boolean | undefined;
  readonly timeoutMs: number;
  readonly abort?: AbortSignal;
}

export const JSON_BODY = 'application/json';
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * Largest number of connections. Each watch occupies one connection. The other connections are enough, because an API
 * server handles even fewer requests of one client at the same time.
 */
const MAX_CONNECTIONS = 64;
/** Idle time before TCP keep-alive probes. The probes end a connection if its server vanished without closing it. */
const TCP_KEEP_ALIVE_MS = 15_000;
const READING: ReadonlySet<Verb> = new Set(['get', 'list', 'watch']);

export class KubeTransport {
  readonly server: URL;
  readonly requestTimeoutMs: number;
  readonly #options: KubeTransportOptions;
  readonly #agent: Agent | HttpAgent;
  /**
   * The verbs of the requests in flight, that is, requests without a response or with a response that has not ended.
   */
  readonly #running = new Map<ClientRequest, Verb>();
  #connected = new AbortController();

  constructor(options: KubeTransportOptions) {
    this.#options = options;
    this.server = options.connection.server;
    this.requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const pool = {
      keepAlive: true,
      keepAliveMsecs: TCP_KEEP_ALIVE_MS,
      maxSockets: MAX_CONNECTIONS,
      scheduling: 'lifo',
    } as const;
    this.#agent = this.server.protocol === 'http:' ? new HttpAgent(pool) : new HttpsAgent(pool);
  }

  /** Closes the keep-alive connections; requests in flight fail. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * A signal that is aborted when `reconnect` drops the current connections, so that a caller in backoff can retry at
   * once.
   */
  get connected(): AbortSignal {
    return this.#connected.signal;
  }

  /** Drops every connection and fails every request in flight, watches included. Callers retry over new connections. */
  reconnect(): void {
    const before = this.#connected;
    this.#connected = new AbortController();
    before.abort();
    for (const request of this.#running.keys()) request.destroy(new GivenUp('the connection was given up'));
    this.#agent.destroy();
  }

  /** Fails every write in flight. Call this when this process is no longer the leader. */
  abortWrites(): void {
    for (const [request, verb] of this.#running) if (!READING.has(verb)) request.destroy(new GivenUp('not leading'));
  }

  /** Sends a request and returns the whole body of the response. */
  async request(call: Omit<Call, 'timeoutMs'>): Promise<string> {
    const response = await this.send({ ...call, timeoutMs: this.requestTimeoutMs });
    try {
      return await readBody(response);
    } catch (error) {
      throw asKubeError(error, `${call.method} ${call.path}: the response broke off`);
    }
  }

  /**
   * Sends a request and returns the response once its status is a success; the caller reads the body. @throws KubeError for any
   * other response
   */
  async send(call: Call): Promise<IncomingMessage> {
    const startedAt = performance.now();
    const credentials = await this.#options.connection.credentials();
    if (!this.#maySend(call))
      throw new KubeError({ message: `${call.method} ${call.path}: not leading`, code: 0, reason: 'NotLeading' });
    const record = (code: number) =>
      this.#options.onRequest?.({
        verb: call.verb,
        path: call.path,
        code,
        mustBeNew: call.mustBeNew ?? call.verb === 'create',
        seconds: (performance.now() - startedAt) / 1_000,
      });
    let response: IncomingMessage;
    try {
      response = await this.#open(call, credentials);
    } catch (error) {
      record(0);
      throw asKubeError(error, `${call.method} ${call.path}: no response from ${this.server.origin}`);
    }
    record(response.statusCode ?? 0);
    if (isSuccess(response)) return response;
    if (response.statusCode === 401) this.#options.connection.forget();
    throw await readFailure(call, response);
  }

  async #open(call: Call, credentials: Credentials): Promise<IncomingMessage> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const send = () =>
      sendOnce(this.#requestUrl(call), this.#requestOptions(call, credentials, body), body, (request) =>
        this.#endInTime(request, call),
      );
    try {
      return await send();
    } catch (error) {
      if (error instanceof StaleConnection && this.#maySend(call)) return send();
      throw error;
    }
  }

  #maySend({ verb }: Call): boolean {
    return READING.has(verb) || this.#options.mayWrite?.() !== false;
  }

  /**
   * Destroys the request after its time-out or when the caller aborts it. Uses one timer for each request, because
   * AbortSignal.timeout would hold kilobytes until its time is over, even after the request has ended.
   */
  #endInTime(request: ClientRequest, { verb, timeoutMs, abort }: Call): void {
    const giveUp = () => request.destroy(new GivenUp(abort?.aborted ? 'aborted' : `not within ${timeoutMs} ms`));
    const timer = setTimeout(giveUp, timeoutMs);
    abort?.addEventListener('abort', giveUp);
    this.#running.set(request, verb);
    request.once('close', () => {
      clearTimeout(timer);
      abort?.removeEventListener('abort', giveUp);
      this.#running.delete(request);
    });
    if (abort?.aborted) giveUp();
  }

  #requestUrl(call: Call): URL {
    const base = this.server.pathname.replace(/\/$/, '');
    const url = new URL(base + call.path, this.server);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  #requestOptions(call: Call, credentials: Credentials, body: string | undefined): RequestOptions {
    const headers: Record<string, string> = {
      accept: JSON_BODY,
      'user-agent': this.#options.userAgent,
      ...credentials.headers,
    };
    if (body !== undefined) {
      headers['content-type'] = call.contentType ?? JSON_BODY;
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    const { tls, auth, agent } = credentials;
    return { ...tls, method: call.method, headers, auth, agent: agent ?? this.#agent };
  }
}

/** The server had closed the keep-alive connection before it read the request, so sending the request again is safe. */
class StaleConnection extends Error {}

/** The request took too long, or its caller aborted it. */
class GivenUp extends Error {
  readonly code = 'ABORT_ERR';
}

function sendOnce(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
  onSent: (request: ClientRequest) => void,
): Promise<IncomingMessage> {
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, options, resolve);
    onSent(request);
    request.on('error', (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && error.code === 'ECONNRESET';
      reject(stale ? new StaleConnection('stale connection', { cause: error }) : error);
    });
    request.end(body);
  });
}

function isSuccess(response: IncomingMessage): boolean {
  const code = response.statusCode ?? 0;
  return code >= 200 && code < 300;
}

/**
 * Returns the body of a response. Reads it with event handlers, because for a small object an async iterator would
 * double the cost of the response.
 */
function readBody(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let text = '';
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    // A response that breaks off usually emits an error. If it does not, only `close` settles the promise.
    const onClose = () => reject(new Error('the connection was closed'));
    response.on('error', reject);
    response.on('close', onClose);
    response.on('end', () => {
      resolve(text);
      // A keep-alive connection keeps a reference to its last response. Without these listeners, that response does not
      // keep `text` in memory.
      response.off('error', reject).off('close', onClose);
      text = '';
    });
  });
}

/** The Status object that the API server sends with an error. */
interface StatusBody {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

async function readFailure(call: Call, response: IncomingMessage): Promise<KubeError> {
  const code = response.statusCode ?? 0;
  const text = await readBody(response).catch(() => '');
  const status = parseStatus(text);
  const asked = response.headers['retry-after'] ?? status.details?.retryAfterSeconds?.toString();
  return new KubeError({
    message: `${call.method} ${call.path}: ${status.message ?? (text.slice(0, 200) || `status ${code}`)}`,
    code,
    reason: status.reason ?? response.statusMessage ?? String(code),
    retryAfterMs: parseRetryAfter(asked, Date.now()),
  });
}

function parseStatus(text: string): StatusBody {
  try {
    return JSON.parse(text) as StatusBody;
  } catch {
    return {};
  }
}

/**
 * Converts the error of a request without a complete response into a KubeError with code 0. Returns a KubeError
 * unchanged.
 * @param message what failed; the code and message of `error` are appended
 */
export function asKubeError(error: unknown, message: string): KubeError {
  if (error instanceof KubeError) return error;
  const { name, code, message: why } = error as NodeJS.ErrnoException;
  const reason = name === 'TimeoutError' || code === 'ABORT_ERR' ? 'Timeout' : 'NoAnswer';
  return new KubeError({ message: `${message}: ${code ?? name}: ${why}`, code: 0, reason, cause: error });
}
