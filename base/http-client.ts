/**
 * Sends HTTP requests to one server over keep-alive connections. Returns the response whatever its status, or throws an
 * HttpError if there is no complete response. The client never retries and follows no redirect. Error messages never
 * contain a user, a password, a header or a query. The client uses node:http because Node's own fetch takes 25 MB more
 * memory (measured).
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Deadline, startDeadline } from './deadline.ts';
import { parseRetryAfter } from './retry-delay.ts';

interface HttpClientOptions {
  /** Headers that are sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Time limit for one exchange, including reading the response body. */
  readonly timeoutMs: number;
  /** Maximum length of a body read by `text()`, in characters. Default 64 Mi. */
  readonly maxTextLength?: number;
}

interface HttpRequest {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly abort?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Milliseconds that the server asks to wait, by the header Retry-After; undefined without a valid header. */
  readonly retryAfterMs: number | undefined;
  /** The body in chunks, decoded from UTF-8. The body can be read only once, either by `pieces` or by `text()`. */
  readonly pieces: AsyncIterable<string>;
  /** Reads the body as one string. @throws HttpError if the body is longer than `maxTextLength` */
  text(): Promise<string>;
}

/**
 * Thrown if no complete response was received: the server cannot be reached, is too slow or closed the connection, the
 * body is longer than `maxTextLength`, or the caller aborted the request.
 */
export class HttpError extends Error {
  /** Why the request failed, without method and URL, for example "ECONNREFUSED" or "no answer within 10 s". */
  readonly reason: string;
  /** HTTP status of the response; undefined if the request failed before the server sent a status. */
  readonly status: number | undefined;

  constructor(exchange: string, reason: string, { status, cause }: { status?: number | undefined; cause?: unknown }) {
    super(`${exchange}: ${status === undefined ? '' : `status ${status}, then `}${reason}`, { cause });
    this.name = 'HttpError';
    this.reason = reason;
    this.status = status;
  }
}

const MAX_TEXT_LENGTH = 64 * 1_024 * 1_024;

export class HttpClient {
  /** The base URL without credentials and without a slash at its end. */
  readonly address: string;
  readonly #options: HttpClientOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: HttpAgent | HttpsAgent;

  /**
   * @param address base URL; its user and password are sent as basic authorization
   * @throws TypeError if `address` is not an http or https URL
   */
  constructor(address: string, options: HttpClientOptions) {
    const url = new URL(address);
    if (!/^https?:$/.test(url.protocol)) throw new TypeError(`${url.protocol} is neither http: nor https:`);
    this.#headers = { ...buildBasicAuthorization(url), ...options.headers };
    url.username = '';
    url.password = '';
    this.address = url.href.replace(/\/+$/, '');
    this.#agent = url.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
    this.#options = options;
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * Sends a request, passes the response to `read`, and returns the result of `read`.
   * @param path appended to `address`; includes the query
   * @throws HttpError if no complete response is received; errors of `read` are passed on
   */
  async exchange<T>(path: string, request: HttpRequest, read: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const url = new URL(`${this.address}${path}`);
    const { timeoutMs } = this.#options;
    const deadline = startDeadline(timeoutMs, request.abort);
    const name = `${request.method ?? 'GET'} ${url.origin}${url.pathname}`;
    const fail: Fail = (cause, status) => {
      if (cause instanceof HttpError) return cause;
      return new HttpError(name, describeFailure(cause, deadline, timeoutMs), { status, cause });
    };
    const response = await this.#send(url, request, deadline.abort).catch((error) => Promise.reject(fail(error)));
    try {
      return await read(this.#describe(response, name, fail));
    } finally {
      // resume() discards what `read` left of the body. An unread body would keep the connection busy.
      response.resume();
    }
  }

  #send(url: URL, { method = 'GET', headers, body }: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const options = { agent: this.#agent, signal, method, headers: { ...this.#headers, ...headers } };
    return new Promise((resolve, reject) => {
      request(url, options, resolve).on('error', reject).end(body);
    });
  }

  #describe(response: IncomingMessage, name: string, fail: Fail): HttpAnswer {
    const { statusCode: status = 0, headers } = response;
    const { maxTextLength = MAX_TEXT_LENGTH } = this.#options;
    const pieces = readPieces(response, (error) => fail(error, status));
    return {
      status,
      headers,
      retryAfterMs: parseRetryAfter(headers['retry-after'], Date.now()),
      pieces,
      async text() {
        let text = '';
        for await (const piece of pieces) {
          text += piece;
          if (text.length > maxTextLength)
            throw new HttpError(name, `the answer is longer than ${maxTextLength} characters`, { status });
        }
        return text;
      },
    };
  }
}

type Fail = (cause: unknown, status?: number) => HttpError;

async function* readPieces(response: IncomingMessage, fail: Fail): AsyncGenerator<string> {
  response.setEncoding('utf8');
  try {
    for await (const piece of response) yield piece as string;
  } catch (error) {
    throw fail(error);
  }
}

function buildBasicAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
}

function describeFailure(error: unknown, deadline: Deadline, timeoutMs: number): string {
  if (deadline.passed()) return `no answer within ${timeoutMs / 1_000} s`;
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
