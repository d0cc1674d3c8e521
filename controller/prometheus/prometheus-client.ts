/**
 * The one place that talks to Prometheus. In: its base address, with a path or user:password where it has them. Out: the parsed
 * `data` of its HTTP API, or a PrometheusError that says what to do. It never writes, never retries, and never puts a
 * password into an error. Node's own fetch would hold 25 MB more (measured).
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LoadedGroup, QueryRange, Sample, Series, SeriesPeriod, Targets, TsdbStatus } from './http-api.ts';
import { readElements } from './read-elements.ts';

export class PrometheusError extends Error {}

export interface PrometheusClientOptions {
  /** For one answer. Default 60 s: a range may be long. */
  readonly timeoutMs?: number;
}

export interface AskOptions {
  /** Sent as a form: an expression may be longer than an address may be. */
  readonly form?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 60_000;

export class PrometheusClient {
  /** Without user and password, and without a slash at its end. */
  readonly address: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #timeoutMs: number;

  /** @throws PrometheusError for an address that is none */
  constructor(address: string, { timeoutMs = TIMEOUT_MS }: PrometheusClientOptions = {}) {
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
      throw new PrometheusError(`${address} is no address of a Prometheus: it must be a http or https URL`);
    const url = new URL(address);
    this.#headers = { accept: 'application/json', ...basicAuthorization(url) };
    url.username = '';
    url.password = '';
    this.address = url.href.replace(/\/$/, '');
    this.#agent = url.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
    this.#timeoutMs = timeoutMs;
  }

  /** Closes the kept connections. */
  close(): void {
    this.#agent.destroy();
  }

  targets(): Promise<Targets> {
    return this.ask('targets');
  }

  async scrapePools(): Promise<readonly string[]> {
    return (await this.ask<{ scrapePools: string[] }>('scrape_pools')).scrapePools;
  }

  async rules(): Promise<readonly LoadedGroup[]> {
    return (await this.ask<{ groups: LoadedGroup[] }>('rules')).groups;
  }

  async alertmanagers(): Promise<number> {
    return (await this.ask<{ activeAlertmanagers: unknown[] }>('alertmanagers')).activeAlertmanagers.length;
  }

  tsdbStatus(): Promise<TsdbStatus> {
    return this.ask('status/tsdb');
  }

  async query(query: string, signal?: AbortSignal): Promise<readonly Sample[]> {
    return (await this.ask<{ result: Sample[] }>('query', { form: { query }, signal })).result;
  }

  async queryRange({ query, start, end, step }: QueryRange): Promise<readonly Series[]> {
    const form = { query, start: String(start), end: String(end), step: String(step) };
    return (await this.ask<{ result: Series[] }>('query_range', { form })).result;
  }

  /** Whether a selector has any sample in a period. */
  async hasSeries(selector: string, { start, end }: SeriesPeriod): Promise<boolean> {
    const form = { 'match[]': selector, start: String(start), end: String(end), limit: '1' };
    return (await this.ask<unknown[]>('series', { form })).length > 0;
  }

  /** @param path below /api/v1/, with its query */
  ask<T>(path: string, { form, signal }: AskOptions = {}): Promise<T> {
    const read = async (response: IncomingMessage, url: URL) => readData<T>(url, response, await readText(response));
    return this.#exchange(path, read, { form, signal });
  }

  /** What is kept of each element of the array that is asked for; the whole answer is never in memory. */
  askElements<T>(path: string, keep: (element: T) => T, signal?: AbortSignal): Promise<readonly T[]> {
    const read = async (response: IncomingMessage, url: URL) => {
      if (response.statusCode !== 200) return readData<T[]>(url, response, await readText(response));
      return (await readElements(response, keep)) ?? noAnswer(url, response);
    };
    return this.#exchange(path, read, { signal });
  }

  async #exchange<T>(
    path: string,
    read: (response: IncomingMessage, url: URL) => Promise<T>,
    { form, signal }: AskOptions,
  ): Promise<T> {
    const url = new URL(`${this.address}/api/v1/${path}`);
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const both = signal ? AbortSignal.any([signal, deadline]) : deadline;
    try {
      return await read(await this.#send(url, form && new URLSearchParams(form).toString(), both), url);
    } catch (error) {
      if (error instanceof PrometheusError) throw error;
      const why = deadline.aborted ? `nothing within ${this.#timeoutMs / 1_000} s` : describe(error);
      throw new PrometheusError(`Prometheus at ${this.address} does not answer: ${why}`, { cause: error });
    }
  }

  #send(url: URL, form: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const method = form === undefined ? 'GET' : 'POST';
    const typed = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const options = { agent: this.#agent, signal, method, headers: { ...this.#headers, ...typed } };
    return new Promise((resolve, reject) => {
      request(url, options, resolve).on('error', reject).end(form);
    });
  }
}

function basicAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly error?: string;
}

function readData<T>(url: URL, response: IncomingMessage, text: string): T {
  const envelope = parseEnvelope(text);
  if (envelope?.status === 'success' && envelope.data !== undefined) return envelope.data as T;
  if (envelope?.error) throw new PrometheusError(`Prometheus refused ${url.origin}${url.pathname}: ${envelope.error}`);
  return noAnswer(url, response);
}

function noAnswer({ origin, pathname }: URL, { statusCode }: IncomingMessage): never {
  const what = `${origin}${pathname} answered ${statusCode}, and not as Prometheus does`;
  throw new PrometheusError(`${what}: is the address right?`);
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
