/**
 * The one place that talks to an API server. In: a resource descriptor and names. Out: parsed objects, or a KubeError.
 * Requests share one keep-alive agent of ours: the client library's own calls cost ten times the CPU (docs/decisions).
 * It never retries on its own, but for a kept-alive connection that the server had closed already.
 */
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent, Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { parseRetryAfter } from '#base/retry-delay.ts';
import type { KubeObject, ObjectName } from '../api/kube-object.ts';
import { type Resource, resourcePath } from '../api/resources.ts';
import type { KubeConnection } from './kube-connection.ts';
import { KubeError } from './kube-error.ts';
import type { Credentials } from './kube-source.ts';

export type Verb = 'get' | 'list' | 'watch' | 'apply' | 'create' | 'update' | 'delete';

export interface RequestRecord {
  readonly verb: Verb;
  /** Without its query. */
  readonly path: string;
  /** HTTP status, 0 when there was no answer. */
  readonly code: number;
  /** What is written must not be there yet: a 409 says that its name is taken. */
  readonly mustBeNew: boolean;
  readonly seconds: number;
}

export interface KubeClientOptions {
  readonly connection: KubeConnection;
  /** Who owns the fields that `apply` writes. */
  readonly fieldManager: string;
  /** From the first byte of a request to the last of its answer; watches have their own. Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** Asked before every request that writes; while it says no, none is sent. */
  readonly mayWrite?: () => boolean;
  /** Called once a request, when its status is known. */
  readonly onRequest?: (record: RequestRecord) => void;
}

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
}

export interface ObjectList<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export interface WatchOptions extends ListOptions {
  /** Events after this version; those of `list`. */
  readonly resourceVersion: string;
  /** The server ends the watch then; the client does a little later, if the server has not. */
  readonly timeoutSeconds: number;
  /** How much longer than that the client waits for the server's own end. */
  readonly graceMs?: number;
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface ApplyOptions {
  /** Take fields over from other managers. Default true. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
  /** Refuse (409) when there is an object of that name. */
  readonly mustBeNew?: boolean;
  readonly signal?: AbortSignal;
}

/** Refuse the deletion (409) when the object is no longer this one. */
export interface DeletePreconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

interface Call {
  readonly verb: Verb;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Record<string, string | undefined>;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly mustBeNew?: boolean | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const REQUEST_TIMEOUT_MS = 30_000;
const WATCH_GRACE_MS = 5_000;
/** A watch answers its head at once, even when nothing changes. */
const WATCH_ANSWER_TIMEOUT_MS = 10_000;
const PAGE_SIZE = 500;
/** Watches hold one each; the rest is more than an API server answers at once to one client. */
const MAX_CONNECTIONS = 64;
/** Frees a connection to a server that vanished without a word. */
const TCP_KEEP_ALIVE_MS = 15_000;
/** That of no object: one which is there has another, and the apply is refused; one which is not is made (decision 0016). */
const NO_VERSION = '1';
/** Of unknown fields, which nobody would read: to find them the API server parses the whole body once more. */
const NO_WARNINGS = 'Ignore';
const APPLY = 'application/apply-patch+yaml';
const JSON_BODY = 'application/json';
const READING: ReadonlySet<Verb> = new Set(['get', 'list', 'watch']);

export class KubeClient {
  readonly server: URL;
  readonly #options: KubeClientOptions;
  readonly #agent: Agent | HttpAgent;
  /** Requests without an answer, or with one that has not ended. */
  readonly #running = new Map<ClientRequest, Verb>();
  #connected = new AbortController();

  constructor(options: KubeClientOptions) {
    this.#options = options;
    this.server = options.connection.server;
    const pool = {
      keepAlive: true,
      keepAliveMsecs: TCP_KEEP_ALIVE_MS,
      maxSockets: MAX_CONNECTIONS,
      scheduling: 'lifo',
    } as const;
    this.#agent = this.server.protocol === 'http:' ? new HttpAgent(pool) : new HttpsAgent(pool);
  }

  /** Closes the kept connections; running requests fail. */
  close(): void {
    this.#agent.destroy();
  }

  /** Aborted when the connections of this moment are given up: what waits to try again need not wait then. */
  get connected(): AbortSignal {
    return this.#connected.signal;
  }

  /** Gives up every connection and request there is, watches too. Whoever made them tries again, over new ones. */
  reconnect(): void {
    const before = this.#connected;
    this.#connected = new AbortController();
    before.abort();
    for (const request of this.#running.keys()) request.destroy(new GivenUp('the connection was given up'));
    this.#agent.destroy();
  }

  async get<T extends KubeObject>(resource: Resource, at: ObjectName, signal?: AbortSignal): Promise<T> {
    return parseObject<T>(await this.#call({ verb: 'get', method: 'GET', path: resourcePath(resource, at), signal }));
  }

  /** What a path outside the resources answers, such as /readyz or /version. */
  async getText(path: string, signal?: AbortSignal): Promise<string> {
    return this.#call({ verb: 'get', method: 'GET', path, signal });
  }

  /** The whole collection, asked for in pages. Items carry apiVersion and kind, which a list leaves out. */
  async list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<ObjectList<T>> {
    const items: T[] = [];
    let continueToken: string | undefined;
    for (;;) {
      const page = await this.#listPage<T>(resource, options, continueToken);
      for (const item of page.items ?? [])
        items.push({ ...item, apiVersion: resource.apiVersion, kind: resource.kind });
      continueToken = page.metadata.continue;
      if (!continueToken) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /** Server-side apply: creates the object, or makes it have these fields. Answers the object as it now is. */
  async apply<T extends KubeObject>(resource: Resource, object: T, options: ApplyOptions = {}): Promise<T> {
    return this.#apply(resource, resourcePath(resource, object.metadata), object, options);
  }

  /** Server-side apply of the status alone; the object must exist. */
  async applyStatus<T extends KubeObject>(resource: Resource, object: T, options: ApplyOptions = {}): Promise<T> {
    return this.#apply(resource, `${resourcePath(resource, object.metadata)}/status`, object, options);
  }

  async #apply<T extends KubeObject>(resource: Resource, path: string, object: T, options: ApplyOptions): Promise<T> {
    const query = {
      fieldManager: this.#options.fieldManager,
      fieldValidation: NO_WARNINGS,
      force: String(options.force ?? true),
      dryRun: options.dryRun ? 'All' : undefined,
    };
    const metadata = options.mustBeNew ? { ...object.metadata, resourceVersion: NO_VERSION } : object.metadata;
    const body = { ...object, apiVersion: resource.apiVersion, kind: resource.kind, metadata };
    const call = {
      verb: 'apply',
      mustBeNew: options.mustBeNew,
      method: 'PATCH',
      path,
      query,
      contentType: APPLY,
      body,
      signal: options.signal,
    } as const;
    return parseObject<T>(await this.#call(call));
  }

  /** @throws KubeError 409 when there is one of that name */
  async create<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const path = resourcePath(resource, { namespace: object.metadata.namespace });
    return this.#write('create', 'POST', path, object);
  }

  /** Puts the object in the place of the one that is there. @throws KubeError 409 when it carries another resourceVersion */
  async replace<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    return this.#write('update', 'PUT', resourcePath(resource, object.metadata), object);
  }

  async #write<T>(verb: Verb, method: 'POST' | 'PUT', path: string, body: object): Promise<T> {
    const query = { fieldManager: this.#options.fieldManager };
    return parseObject<T>(await this.#call({ verb, method, path, query, contentType: JSON_BODY, body }));
  }

  async delete(resource: Resource, at: ObjectName, preconditions?: DeletePreconditions): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions };
    const path = resourcePath(resource, at);
    await this.#call({ verb: 'delete', method: 'DELETE', path, contentType: JSON_BODY, body });
  }

  /** Changes after `resourceVersion`, until the server ends the watch, which is normal; list and watch again then. */
  async *watch<T extends KubeObject>(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent<T>, void> {
    const unanswered = new AbortController();
    const answerMs = Math.min(WATCH_ANSWER_TIMEOUT_MS, this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
    const timer = setTimeout(() => unanswered.abort(), answerMs);
    const signal = options.signal ? AbortSignal.any([options.signal, unanswered.signal]) : unanswered.signal;
    const response = await this.#openWatch(resource, { ...options, signal }).finally(() => clearTimeout(timer));
    try {
      for await (const line of readLines(response)) yield parseWatchEvent<T>(line);
    } catch (error) {
      throw asKubeError(error, `watch of ${resource.plural} broke`);
    } finally {
      response.destroy();
    }
  }

  #openWatch(resource: Resource, options: WatchOptions): Promise<IncomingMessage> {
    return this.#send({
      verb: 'watch',
      method: 'GET',
      path: resourcePath(resource, { namespace: options.namespace }),
      query: {
        ...selectors(options),
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: options.resourceVersion,
        timeoutSeconds: String(options.timeoutSeconds),
      },
      timeoutMs: options.timeoutSeconds * 1_000 + (options.graceMs ?? WATCH_GRACE_MS),
      signal: options.signal,
    });
  }

  async #listPage<T>(resource: Resource, options: ListOptions, continueToken?: string): Promise<RawList<T>> {
    const query = { ...selectors(options), limit: String(PAGE_SIZE), continue: continueToken };
    const path = resourcePath(resource, { namespace: options.namespace });
    return JSON.parse(await this.#call({ verb: 'list', method: 'GET', path, query, signal: options.signal }));
  }

  /** Breaks off every write that has no answer yet: whoever makes it has lost the right to. */
  abortWrites(): void {
    for (const [request, verb] of this.#running) if (!READING.has(verb)) request.destroy(new GivenUp('not leading'));
  }

  async #call(call: Omit<Call, 'timeoutMs'>): Promise<string> {
    const timeoutMs = this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const response = await this.#send({ ...call, timeoutMs });
    try {
      return await readBody(response);
    } catch (error) {
      throw asKubeError(error, `${call.method} ${call.path}: the answer broke off`);
    }
  }

  /** The answer once its head is there and is a success; its body is the caller's to read. */
  async #send(call: Call): Promise<IncomingMessage> {
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
      throw asKubeError(error, `${call.method} ${call.path}: no answer from ${this.server.origin}`);
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

  /** By a timer that goes with the request: a signal of its own for each holds kilobytes until its time has come. */
  #endInTime(request: ClientRequest, { verb, timeoutMs, signal }: Call): void {
    const giveUp = () => request.destroy(new GivenUp(signal?.aborted ? 'aborted' : `not within ${timeoutMs} ms`));
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp);
    this.#running.set(request, verb);
    request.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      this.#running.delete(request);
    });
    if (signal?.aborted) giveUp();
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
      'user-agent': this.#options.fieldManager,
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

interface RawList<T> {
  readonly items?: T[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** A kept-alive connection that the server had closed before it saw the request: sending again is safe. */
class StaleConnection extends Error {}

/** It took too long, or whoever made it does not want it any more. */
class GivenUp extends Error {
  readonly code = 'ABORT_ERR';
}

function sendOnce(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
  watchOver: (request: ClientRequest) => void,
): Promise<IncomingMessage> {
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, options, resolve);
    watchOver(request);
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

/** By its events: an iterator over them costs as much again as the answer of a small object. */
function readBody(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let text = '';
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    // An answer that broke off says so by an error, as a rule; where it does not, the promise must not hang.
    const onClose = () => reject(new Error('the connection was closed'));
    response.on('error', reject);
    response.on('close', onClose);
    response.on('end', () => {
      resolve(text);
      // The connection holds on to its last answer, and that to what listens, and so to the promise and its text.
      response.off('error', reject).off('close', onClose);
      text = '';
    });
  });
}

async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}

interface StatusBody {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
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

function parseObject<T>(text: string): T {
  return JSON.parse(text) as T;
}

function parseWatchEvent<T>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type: WatchEvent<T>['type'] | 'ERROR'; object: T & StatusBody };
  if (event.type !== 'ERROR') return { type: event.type, object: event.object };
  const { message = 'the watch failed', code = 500, reason = 'Unknown' } = event.object;
  throw new KubeError({ message, code, reason });
}

function asKubeError(error: unknown, message: string): KubeError {
  if (error instanceof KubeError) return error;
  const { name, code, message: why } = error as NodeJS.ErrnoException;
  const reason = name === 'TimeoutError' || code === 'ABORT_ERR' ? 'Timeout' : 'NoAnswer';
  return new KubeError({ message: `${message}: ${code ?? name}: ${why}`, code: 0, reason, cause: error });
}

function selectors({ labelSelector, fieldSelector }: ListOptions): Record<string, string | undefined> {
  return { labelSelector, fieldSelector };
}
